"""Settings of the explainer: the matcher's, and how to call a language model."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import AliasChoices, Field

from matcher_stream.config.settings import Settings, read_settings


class ExplainerSettings(Settings):
    """Limits and budget are for the whole group: a worker takes its share by partitions owned."""

    data_dir: Path = Field(
        Path("explainer-data"), description="Folder for RocksDB; one per worker, kept on restart."
    )
    web_port: int = Field(6067, ge=0, le=65535, description="Port of the explainer's web pages.")
    explain_top: int = Field(
        3, ge=0, le=100, description="Entries of a ranking that a model writes about."
    )
    notice_contact: str = Field(
        "",
        max_length=200,
        description="How people ask for a person to look at their list again, in plain Spanish; "
        "told in `notice` of every explanation. Empty: ask whoever told you.",
    )
    llm_api_key: str = Field(
        "",
        repr=False,
        validation_alias=AliasChoices("MATCHER_LLM_API_KEY", "OPENAI_API_KEY", "llm_api_key"),
        description="Key of the language model's server; without it templates do all the work.",
    )
    llm_base_url: str = Field(
        "", description="Root of an OpenAI-compatible API (with /v1); empty means OpenAI's own."
    )
    llm_model: str = Field("gpt-6-luna", description="Model id as the server knows it.")
    llm_effort: str = Field(
        "none", description="Reasoning effort; empty leaves it out for servers without it."
    )
    llm_timeout: float = Field(15.0, gt=0, description="Seconds that one call may take.")
    llm_attempts: int = Field(3, ge=1, le=10, description="Calls for one explanation, at most.")
    llm_patience: float = Field(
        30.0, ge=0, description="Seconds that an explanation may wait for limits and Retry-After."
    )
    llm_concurrency: int = Field(8, ge=1, description="Calls of a worker at the same time.")
    llm_requests_per_minute: float = Field(500.0, gt=0, description="Calls of the group a minute.")
    llm_tokens_per_minute: float = Field(
        500_000.0, gt=0, description="Tokens of the group a minute, in and out."
    )
    llm_daily_budget: float = Field(
        1.0, ge=0, description="US dollars of the group a day, from midnight in Peru."
    )
    llm_price_input: float | None = Field(
        None, ge=0, description="US dollars for a million input tokens; empty means the table's."
    )
    llm_price_output: float | None = Field(
        None, ge=0, description="US dollars for a million output tokens; empty means the table's."
    )
    llm_waiting: int = Field(
        5000, ge=1, description="Explanations that may wait for a model; more keep the template."
    )


@lru_cache(maxsize=1)
def get_explainer_settings() -> ExplainerSettings:
    """Settings of this process.

    Raises:
        InvalidSettings: a variable cannot be read; the sentence names it.
    """
    return read_settings(ExplainerSettings)
