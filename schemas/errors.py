"""The tree of everything this system raises on purpose.

    MatcherError
    ├── InputError             the record is wrong: to the dead letter queue, once, untouched
    │   ├── InvalidJson  InvalidEncoding  InvalidField  InvalidDate
    │   ├── MissingId  KeyMismatch  WrongPartition
    │   └── TooLarge  TooDeep
    ├── UsageError             somebody at a keyboard can mend it: one sentence, no traceback
    │   ├── UnreadableFile  MissingModel  InvalidSettings
    │   ├── UnknownModel  RefusedModel  RegistryUnavailable  PersonUnknown
    │   └── PortTaken  TopicMismatch  BrokerUnavailable  NotAllowed  NotHeld
    └── EnvironmentFailure     the world is wrong: retried in place, then the process ends
        └── ChangelogRefused  ProducerFailed  StaleGeneration  PartialAssignment

``str(error)`` is one sentence. The sentence of an InputError never quotes the input, because it
travels in a header and into logs, where nothing personal may go.
"""

from __future__ import annotations

from typing import ClassVar


class MatcherError(Exception):
    """Base of all of ours. Operator: the sentence says what, the class what to do about it."""

    exit_code: ClassVar[int] = 1


class InputError(MatcherError):
    """A record that will never be accepted as it is.

    Operator: nothing to repair here. Find the record by its coordinates in the DLQ, tell its
    publisher, publish a corrected one under the same key; the last accepted version stays in force.
    """

    code: ClassVar[str] = "input_error"
    exit_code: ClassVar[int] = 65


class InvalidJson(InputError):
    """The value is not one JSON object. Operator: look at how the publisher serialises."""

    code: ClassVar[str] = "invalid_json"


class InvalidEncoding(InputError):
    """Key or value is not UTF-8, or holds NUL. Operator: the publisher must send clean UTF-8."""

    code: ClassVar[str] = "invalid_encoding"


class InvalidField(InputError):
    """A field has a wrong type or a value out of range. Operator: compare with the JSON Schema."""

    code: ClassVar[str] = "invalid_field"


class InvalidDate(InputError):
    """A date cannot be read or is outside 2000 to 2100. Operator: ask for ISO 8601 or epoch ms."""

    code: ClassVar[str] = "invalid_date"


class MissingId(InputError):
    """The record has no key or no id. Operator: the publisher must set both, and equal."""

    code: ClassVar[str] = "missing_id"


class KeyMismatch(InputError):
    """The id in the value is not the key. Operator: the publisher must key records by their id."""

    code: ClassVar[str] = "key_mismatch"


class WrongPartition(InputError):
    """The key belongs in another partition. Operator: set the publisher to murmur2."""

    code: ClassVar[str] = "wrong_partition"


class TooLarge(InputError):
    """The value or one field passes its limit. Operator: the publisher must shorten the text."""

    code: ClassVar[str] = "too_large"


class TooDeep(InputError):
    """The JSON nests deeper than any event of ours. Operator: the publisher must flatten it."""

    code: ClassVar[str] = "too_deep"


class InvalidTimestamp(InputError):
    """The record's timestamp is not of the years 2000 to 2100. Publisher: ms since the epoch."""

    code: ClassVar[str] = "invalid_timestamp"


class InvalidHeader(InputError):
    """A header of an internal record is not what we write. Operator: who else writes there?"""

    code: ClassVar[str] = "invalid_header"


class Unreadable(InputError):
    """The record passes every check and still cannot be read. Operator: report it as a defect."""

    code: ClassVar[str] = "unreadable"


class UsageError(MatcherError):
    """Something the person who started the command can mend, told in one sentence."""

    exit_code: ClassVar[int] = 2


class UnreadableFile(UsageError):
    """A file is missing, not readable or not of the kind asked for. Check path and format."""

    exit_code: ClassVar[int] = 66


class MissingModel(UsageError):
    """The encoder's weights are not here and cannot be got. Install them or name a local folder."""

    exit_code: ClassVar[int] = 69


class UnknownModel(UsageError):
    """No registered version has this id, or several begin with it. `matcher-stream models list`
    shows those that there are.
    """

    exit_code: ClassVar[int] = 69


class RefusedModel(UsageError):
    """A registered version is not whole, was changed since, or does not fit this program. The
    sentence says which and what to do; whatever runs goes on with what it has.
    """

    exit_code: ClassVar[int] = 65


class RegistryUnavailable(UsageError):
    """The registry's address cannot be read or written. Correct MATCHER_REGISTRY, install what its
    kind of address needs (s3fs, gcsfs), or look at the rights.
    """

    exit_code: ClassVar[int] = 69


class PortTaken(UsageError):
    """Another process listens on the port. Stop it or choose another port in the settings."""

    exit_code: ClassVar[int] = 69


class TopicMismatch(UsageError):
    """A topic is missing or differs from the contract. Create it by `matcher-stream topics create`,
    or give the worker the partition count the topics have.
    """

    exit_code: ClassVar[int] = 78


class NotHeld(UsageError):
    """The ad does not wait for a reviewer, or there is none of that name. List those that do."""


class PersonUnknown(UsageError):
    """No record is about a person of that id. Check the id, and the topics' prefix."""


class BrokerUnavailable(UsageError):
    """No broker answers at the address. Start it, or correct BROKER_URL."""

    exit_code: ClassVar[int] = 69


class NotAllowed(UsageError):
    """The account lacks a right on the broker. `matcher-stream topics acls` lists what it needs."""

    exit_code: ClassVar[int] = 77


class InvalidSettings(UsageError):
    """A setting cannot be used. The sentence names the environment variable to change."""

    exit_code: ClassVar[int] = 78


class EnvironmentFailure(MatcherError):
    """Not the data's fault. Retried up to a limit; then the process ends without acking and its
    supervisor starts it again. Nothing is sent to the DLQ and nothing is lost.
    """

    exit_code: ClassVar[int] = 75


class ChangelogRefused(EnvironmentFailure):
    """The broker did not take a table's record. Operator: check its disks and limits."""


class ProducerFailed(EnvironmentFailure):
    """The broker did not take an output. Operator: check that it is up and the topic's limits."""


class StaleGeneration(EnvironmentFailure):
    """This worker lost its partitions while it worked. Nothing to do unless it repeats: then the
    machine is too slow or was frozen for longer than the session timeout.
    """


class PartialAssignment(EnvironmentFailure):
    """The group's leader knew less topics than the broker has. Operator: nothing; the worker ends
    and its supervisor starts it again. If it repeats, look whether somebody deletes topics.
    """
