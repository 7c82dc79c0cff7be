"""How a row looks in each table; nothing else reads or writes the bytes of one.

Vectors stay outside the JSON, so that an index can be built without parsing text. Rows with a
vector, and rankings, begin with a format number, so that a newer program refuses, rather than
misreads, an older row.
"""

from tables.rows.decision import Reviewed, decided_at, decided_on, decision_row, reviewed
from tables.rows.exclusions import (
    MAX_EXCLUSIONS,
    Exclusions,
    latest_said,
    pack_exclusions,
    unpack_exclusions,
)
from tables.rows.formats import NO_VECTOR
from tables.rows.job import JOB_STATES, VETTED, JobRow, ends_and_held, held_since, job_end
from tables.rows.lists import Head, Part, head_key, job_of_head, part_key
from tables.rows.meta import (
    AS_OF,
    ERASED,
    EXPOSURE,
    GATE,
    HANDED,
    RANKER,
    REVISION_FLOOR,
    SHOWN,
    erased_key,
    exposure_key,
    pack_erased,
    pack_handed,
    pack_shown,
    shown_key,
    unpack_erased,
    unpack_handed,
    unpack_shown,
)
from tables.rows.outcome import (
    MAX_IMPRESSIONS,
    OutcomeRow,
    add_tally,
    latest_outcomes,
    outcome_key,
    outcomes_of,
    person_of,
    tallies_of,
    unpack_tally,
)
from tables.rows.pending import ANY_VERSION, pack_list, unpack_list
from tables.rows.person import PersonHeader, PersonRow, person_header, superseded
from tables.rows.posting import PostingRow, posting_header, posting_version
from tables.rows.ranking import RankingRow

__all__ = [
    "ANY_VERSION",
    "AS_OF",
    "ERASED",
    "EXPOSURE",
    "GATE",
    "HANDED",
    "JOB_STATES",
    "MAX_EXCLUSIONS",
    "MAX_IMPRESSIONS",
    "NO_VECTOR",
    "RANKER",
    "REVISION_FLOOR",
    "SHOWN",
    "VETTED",
    "Exclusions",
    "Head",
    "JobRow",
    "OutcomeRow",
    "Part",
    "PersonHeader",
    "PersonRow",
    "PostingRow",
    "RankingRow",
    "Reviewed",
    "add_tally",
    "decided_at",
    "decided_on",
    "decision_row",
    "ends_and_held",
    "erased_key",
    "exposure_key",
    "head_key",
    "held_since",
    "job_end",
    "job_of_head",
    "latest_outcomes",
    "latest_said",
    "outcome_key",
    "outcomes_of",
    "pack_erased",
    "pack_exclusions",
    "pack_handed",
    "pack_list",
    "pack_shown",
    "part_key",
    "person_header",
    "person_of",
    "posting_header",
    "posting_version",
    "reviewed",
    "shown_key",
    "superseded",
    "tallies_of",
    "unpack_erased",
    "unpack_exclusions",
    "unpack_handed",
    "unpack_list",
    "unpack_shown",
    "unpack_tally",
]
