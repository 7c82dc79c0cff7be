"""Settings of the way to the broker: its address, who we are there, how records are sent."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class BrokerSettings(BaseSettings):
    """What both applications and every command need to talk to Kafka."""

    model_config = SettingsConfigDict(
        env_prefix="MATCHER_", frozen=True, extra="ignore", populate_by_name=True
    )

    broker_url: str = Field(
        "kafka://127.0.0.1:9092",
        validation_alias=AliasChoices("BROKER_URL", "broker_url"),
        description="Kafka bootstrap servers, with or without kafka://, separated by ';' or ','.",
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to the broker."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="SASL mechanism, used with the SASL protocols."
    )
    sasl_username: str = Field("", description="SASL user name.")
    sasl_password: str = Field("", repr=False, description="SASL password.")
    ssl_cafile: Path | None = Field(
        None, description="CA certificates (PEM) for SSL; empty means the system's."
    )
    ssl_certfile: Path | None = Field(
        None, description="Our certificate (PEM, with its chain) where brokers ask clients for one."
    )
    ssl_keyfile: Path | None = Field(
        None, description="Its private key (PEM); empty means it is in the same file."
    )
    ssl_key_password: str = Field("", repr=False, description="Password of that key.")
    ssl_check_hostname: bool = Field(
        True, description="Whether a broker's certificate must name its host; its CA is checked."
    )
    topic_prefix: str = Field("matcher", description="First part of every public topic's name.")
    partitions: int = Field(8, ge=1, le=1024, description="Partitions of every topic.")
    replication_factor: int = Field(1, ge=1, description="Replicas of topics that we create.")
    min_insync_replicas: int = Field(
        0,
        ge=0,
        description="Replicas of topics that we create which must hold a record before it counts; "
        "0 means one less than all of them.",
    )
    session_timeout: float = Field(
        30.0, gt=0, description="Seconds without heartbeat after which a worker is evicted."
    )
    producer_batch: int = Field(
        65536,
        ge=1,
        description="Producer batch size in bytes; 1 for the embedded broker (one record a batch).",
    )
    producer_linger_ms: int = Field(5, ge=0, description="Milliseconds a record may wait.")
    request_timeout: float = Field(
        60.0, gt=0, description="Seconds a send is retried before the process ends."
    )

    @property
    def bootstrap_servers(self) -> list[str]:
        """The broker addresses as HOST:PORT."""
        parts = self.broker_url.replace(";", ",").split(",")
        return [p.strip().split("://", 1)[-1].strip("/") for p in parts if p.strip()]

    @property
    def insync_replicas(self) -> int:
        """Replicas that must hold a record before it counts as stored; at least one."""
        return self.min_insync_replicas or max(1, self.replication_factor - 1)

    @property
    def faust_broker_url(self) -> str:
        """The broker addresses as Faust wants them."""
        return ";".join(f"kafka://{server}" for server in self.bootstrap_servers)
