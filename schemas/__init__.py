"""What events look like, and nothing else: models, vocabularies, errors."""

from schemas.alias import Alias, parse_alias
from schemas.base import DAY_MS, MAX_ID_CHARS, MAX_TEXT_BYTES, Event, iso
from schemas.candidates import CandidateEntry, Candidates
from schemas.feedback import EXCLUDING, Feedback, parse_feedback
from schemas.invitation import Invitation, parse_invitation
from schemas.job import Job, parse_job
from schemas.matches import Explanation, JobCard, MatchEntry, Matches, Reason
from schemas.parsing import (
    MAX_CONTAINERS,
    MAX_DEPTH,
    MAX_VALUE_BYTES,
    decode_key,
    decode_object,
    parse,
    validate,
)
from schemas.profile import NEVER_MS, Profile, parse_profile
from schemas.review import Decision, HeldJob, HeldReason, parse_decision
from schemas.work import WorkItem

__all__ = [
    "DAY_MS",
    "EXCLUDING",
    "MAX_CONTAINERS",
    "MAX_DEPTH",
    "MAX_ID_CHARS",
    "MAX_TEXT_BYTES",
    "MAX_VALUE_BYTES",
    "NEVER_MS",
    "Alias",
    "CandidateEntry",
    "Candidates",
    "Decision",
    "Event",
    "Explanation",
    "Feedback",
    "HeldJob",
    "HeldReason",
    "Invitation",
    "Job",
    "JobCard",
    "MatchEntry",
    "Matches",
    "Profile",
    "Reason",
    "WorkItem",
    "decode_key",
    "decode_object",
    "iso",
    "parse",
    "parse_alias",
    "parse_decision",
    "parse_feedback",
    "parse_invitation",
    "parse_job",
    "parse_profile",
    "validate",
]
