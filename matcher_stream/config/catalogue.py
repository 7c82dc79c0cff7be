"""Every topic, declared once: its name, key, parser, agent and retention are read from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, Self, overload

from schemas import (
    Alias,
    Candidates,
    Decision,
    Event,
    Explanation,
    Feedback,
    HeldJob,
    Invitation,
    Job,
    Matches,
    Profile,
    WorkItem,
    parse_decision,
    parse_feedback,
    parse_invitation,
    parse_job,
    parse_profile,
)

Role = Literal["input", "internal", "output", "control"]
Cleanup = Literal["compact", "delete", "compact,delete"]
Parse = Callable[[bytes | None, bytes], Event]


class Names(Protocol):
    """Where topics have full names: a prefix and an application."""

    def of(self, topic: Topic) -> str:
        """A topic's full name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is promised of one topic.

    As an attribute of `Catalogue` it is itself, as one of `TopicNames` its full name.

    Attributes:
        name: Without prefix and version.
        role: Whether others publish to it, we alone use it, others read it, or administrators steer
            workers by it.
        key: What its records are keyed by; of an input the field that holds the same.
        about: One sentence for the documents.
        null: What a null value means, None where there are none.
        event: Its values, None where they are internal bytes.
        agent: The matcher's agent that reads it, empty where there is none.
        lag: Whether records that wait in it are a worker's lag.
        cleanup: Kafka's cleanup.policy.
        days: For how long records are kept where the policy deletes.
        history_days: For how long a compacted topic keeps every change.
    """

    name: str
    role: Role
    key: str
    about: str
    null: str | None
    event: type[Event] | None = None
    agent: str = ""
    lag: bool = True
    cleanup: Cleanup = "compact"
    days: int | None = None
    history_days: int | None = None

    @overload
    def __get__(self, names: None, owner: type) -> Self: ...
    @overload
    def __get__(self, names: Names, owner: type) -> str: ...
    def __get__(self, names: Names | None, owner: type) -> Self | str:
        """The topic of the catalogue, or its full name among an application's names."""
        return self if names is None else names.of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTopic(Topic):
    """A topic that others publish to: its values are events, and an agent reads it.

    Attributes:
        parse: Gives the event of a record's key and value, or raises an `InputError`.
    """

    role: Role = "input"
    event: type[Event]
    agent: str
    parse: Parse


class Catalogue:
    """The topics, in the order of the documents."""

    profiles = InputTopic(
        name="profiles",
        key="profile_id",
        about="What people can do and want.",
        null="erase the person",
        event=Profile,
        parse=parse_profile,
        agent="profiles",
    )
    jobs = InputTopic(
        name="jobs",
        key="job_id",
        about="Job ads.",
        null="withdraw the job",
        event=Job,
        parse=parse_job,
        agent="jobs",
    )
    decisions = InputTopic(
        name="decisions",
        key="job_id",
        about="A reviewer's decision on a held job, for the content it names.",
        null="forget the decision",
        event=Decision,
        parse=parse_decision,
        agent="decisions",
    )
    feedback = InputTopic(
        name="feedback",
        key="profile_id",
        about="What became of a match.",
        null=None,
        event=Feedback,
        parse=parse_feedback,
        agent="feedback",
        cleanup="delete",
        days=90,
    )
    invitations = InputTopic(
        name="invitations",
        key="profile_id",
        about="An employer asks a person, who decides.",
        null=None,
        event=Invitation,
        parse=parse_invitation,
        agent="invitations",
        cleanup="delete",
        days=6,  # with its segment 7: nothing that names an erased person stays longer
    )
    job_fanout = Topic(
        name="job-fanout",
        role="internal",
        key="job_id",
        about="Internal: job, vector and job_version, one copy a partition.",
        null="the job is withdrawn",
        agent="postings",
    )
    candidates_partial = Topic(
        name="candidates-partial",
        role="internal",
        key="job_id:partition",
        about="Internal: one partition's best people for a job.",
        null="nothing any more",
        agent="candidates",
        lag=False,  # merged once an interval: what waits, waits on purpose
    )
    work = Topic(
        name="work",
        role="internal",
        key="of the item's subject",
        about="Internal: expiry, daily tick, re-ranking.",
        null=None,
        event=WorkItem,
        agent="work",
        cleanup="delete",
        days=7,
    )
    matches = Topic(
        name="matches",
        role="output",
        key="profile_id",
        about="The whole current ranking of one person.",
        null="the person was erased",
        event=Matches,
        history_days=7,  # a consumer that was away for a week still gets every change
    )
    candidates = Topic(
        name="candidates",
        role="output",
        key="job_id",
        about="The whole current list of people for one job.",
        null="the job was withdrawn",
        event=Candidates,
    )
    explanations = Topic(
        name="explanations",
        role="output",
        key="profile_id:job_id",
        about="Why a job fits, in words.",
        null="the person was erased or the job withdrawn",
        event=Explanation,
        cleanup="compact,delete",
        days=30,
    )
    review = Topic(
        name="review",
        role="output",
        key="job_id",
        about="Jobs that wait for a reviewer, and jobs whose words should be mended.",
        null="nothing to review any more",
        event=HeldJob,
    )
    models = Topic(
        name="models",
        role="control",
        key="alias",
        about="Which deployment is the champion, whose events are public.",
        null="nobody has the name any more",
        event=Alias,
    )


def _declared(catalogue: type[Any]) -> tuple[Topic, ...]:
    return tuple(topic for topic in vars(catalogue).values() if isinstance(topic, Topic))


TOPICS: Final = _declared(Catalogue)
#: By name: those that others publish to.
INPUTS: Final = {topic.name: topic for topic in TOPICS if isinstance(topic, InputTopic)}
#: By name: those that others read.
OUTPUTS: Final = {topic.name: topic for topic in TOPICS if topic.role == "output"}
#: Those that the matcher reads.
READ: Final = tuple(topic for topic in TOPICS if topic.agent)
