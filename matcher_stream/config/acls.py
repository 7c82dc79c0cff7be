"""Who may do what on the broker: one list by role, from the catalogue of topics.

A role is somebody who signs in to Kafka by a name of their own. What a list leaves out is refused,
once the broker's authorizer is on and `allow.everyone.if.no.acl.found` is false.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matcher_stream.config.catalogue import INPUTS, Catalogue
from matcher_stream.config.contract import TopicNames

Kind = Literal["topic", "group"]
Pattern = Literal["literal", "prefixed"]
#: Topics whose records a publisher writes; decisions are a reviewer's.
PUBLISHED: Final = tuple(t for t in INPUTS.values() if t is not Catalogue.decisions)
#: What the matcher and the explainer tell people.
_TOLD: Final = (Catalogue.matches, Catalogue.explanations)
_READ: Final = ("Describe", "Read")
_WRITE: Final = ("Describe", "Write")
_LOOK: Final = ("Describe", "DescribeConfigs")
_OWN: Final = ("Create", *_LOOK, "Read", "Write")


@dataclass(frozen=True, slots=True)
class Grant:
    """What is allowed on some resources of a kind.

    Attributes:
        operations: As Kafka names them, in alphabetical order.
        names: Topics or consumer groups; beginnings of names where the pattern is prefixed.
    """

    operations: tuple[str, ...]
    names: tuple[str, ...]
    kind: Kind = "topic"
    pattern: Pattern = "literal"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who signs in.

    Attributes:
        name: Of the role.
        about: One sentence for the documents.
        grants: All that they may do.
    """

    name: str
    about: str
    grants: tuple[Grant, ...]


def matcher_role(prefix: str, matcher: TopicNames) -> Role:
    """What the matcher's workers need; for the arguments see `roles`."""
    letters, of = matcher.letters, matcher.of
    return Role(
        "matcher",
        "The matcher's workers: inputs to outputs and dead letters; their own topics.",
        (
            Grant(_LOOK, (f"{prefix}.",), pattern="prefixed"),
            Grant(_READ, matcher.inputs),
            # who takes over from another deployment reads what that one said, and refused
            Grant(("Read",), (of(Catalogue.models), *matcher.spoken, *letters)),
            *([Grant(_READ, (matcher.rival,))] if matcher.rival else []),
            # inputs too: a null in a wrong partition is forwarded, and pages tell what people say
            Grant(_WRITE, (*matcher.inputs, *matcher.spoken, *letters)),
            *_application(matcher),
        ),
    )


def explainer_role(explainer: TopicNames) -> Role:
    """What the explainer's workers need."""
    of = explainer.of
    return Role(
        "explainer",
        "The explainer's workers: matches to explanations; their own topics.",
        (
            Grant(_LOOK, tuple(of(topic) for topic in _TOLD)),
            Grant(_READ, (of(Catalogue.matches),)),
            Grant(_WRITE, (of(Catalogue.explanations),)),
            Grant(("Create", *_LOOK, "Write"), (explainer.dlq(of(Catalogue.matches)),)),
            *_application(explainer),
        ),
    )


def roles(prefix: str, matcher: TopicNames, explainer: TopicNames) -> tuple[Role, ...]:
    """Every role with its rights.

    Args:
        prefix: MATCHER_TOPIC_PREFIX.
        matcher: The topics' names, as the matcher's application has them.
        explainer: The same of the explainer.
    """
    of = matcher.of
    return (
        Role(
            "publisher",
            "Publishes people, jobs and what became of matches; reads nothing.",
            (Grant(_WRITE, tuple(of(topic) for topic in PUBLISHED)),),
        ),
        matcher_role(prefix, matcher),
        explainer_role(explainer),
        Role(
            "notifier",
            "Tells people of their matches, carries employers' invitations, says what it did.",
            (
                Grant(_READ, tuple(of(topic) for topic in (*_TOLD, Catalogue.invitations))),
                Grant(_WRITE, (of(Catalogue.feedback),)),
                Grant(("Read",), (f"{prefix}-notifier",), "group", "prefixed"),
            ),
        ),
        Role(
            "employer",
            "The service for all employers: reads who fits their jobs, and invites.",
            (
                # a topic cannot be divided among employers: the service shows each their own
                Grant(_READ, (of(Catalogue.candidates),)),
                Grant(_WRITE, (of(Catalogue.invitations),)),
                Grant(("Read",), (f"{prefix}-employer",), "group", "prefixed"),
            ),
        ),
        Role(
            "reviewer",
            "Looks at ads that wait for a reviewer, and decides.",
            (
                Grant(_READ, (of(Catalogue.jobs), of(Catalogue.review))),
                Grant(_WRITE, (of(Catalogue.decisions),)),
            ),
        ),
        Role(
            "operator",
            "Creates and checks topics, reads dead letters, runs verify; writes nothing.",
            (
                Grant(
                    ("AlterConfigs", "Create", *_LOOK, "Read"),
                    (f"{prefix}.", f"{matcher.source}-"),
                    pattern="prefixed",
                ),
                Grant(("Describe",), (f"{prefix}-",), "group", "prefixed"),
            ),
        ),
        Role(
            "administrator",
            "Names the champion (matcher-stream models promote, rollback), after running verify.",
            (
                Grant(
                    (*_LOOK, "Read"),
                    (f"{prefix}.", f"{matcher.source}-"),
                    pattern="prefixed",
                ),
                Grant(("Describe", "Read"), (f"{prefix}-",), "group", "prefixed"),
                Grant(_WRITE, (of(Catalogue.models),)),
            ),
        ),
        Role(
            "data-officer",
            "Shows, exports and erases what is held on one person (matcher-stream person).",
            (
                Grant(
                    (*_LOOK, "Read"),
                    (f"{prefix}.", f"{matcher.source}-", f"{explainer.source}-"),
                    pattern="prefixed",
                ),
                Grant(_WRITE, (of(Catalogue.profiles),)),
            ),
        ),
    )


def _application(names: TopicNames) -> tuple[Grant, ...]:
    """An application's internal topics and changelogs, which it creates, and its group."""
    return (
        Grant(_OWN, (f"{names.source}-",), pattern="prefixed"),
        Grant(("Read",), (names.source,), "group"),
    )


def commands(
    role: Role, user: str, tool: Sequence[str], action: Literal["--add", "--remove"] = "--add"
) -> list[str]:
    """The lines for a shell that give a role its rights, or take them away.

    Args:
        role: Whose.
        user: Their name on the broker, without ``User:``.
        tool: How kafka-acls is called, with the broker's address.
        action: Of kafka-acls.
    """
    force = ["--force"] if action == "--remove" else []
    lines = []
    for grant in role.grants:
        operations = [word for op in grant.operations for word in ("--operation", op)]
        names = [word for name in grant.names for word in (f"--{grant.kind}", name)]
        lines.append(
            shlex.join(
                [*tool, action, *force, "--allow-principal", f"User:{user}", *operations,
                 "--resource-pattern-type", grant.pattern, *names]
            )
        )  # fmt: skip
    return lines


def table(listed: Sequence[Role], users: Mapping[str, str]) -> str:
    """The same for the documents, in Markdown."""
    lines = ["| who | may | on |", "| --- | --- | --- |"]
    for role in listed:
        lines.append(f"| **`{users[role.name]}`** | | {role.about} |")
        for grant in role.grants:
            star = "*" if grant.pattern == "prefixed" else ""
            names = ", ".join(f"`{name}{star}`" for name in grant.names)
            what = "group " if grant.kind == "group" else ""
            lines.append(f"| | {', '.join(grant.operations)} | {what}{names} |")
    return "\n".join(lines)
