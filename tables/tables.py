"""The tables of the matcher."""

from __future__ import annotations

from typing import Any

from tables.base import ROCKSDB_OPTIONS, PartitionedTable


class Tables:
    """Every table, each with as many partitions as the topics.

    people, exclusions, pending, rankings and meta live where the profile lives; postings where
    the fan-out copy lives; jobs, decisions and lists where the
    job's key lives.
    """

    def __init__(self, app: Any, partitions: int) -> None:
        def table(name: str, text: str) -> PartitionedTable:
            made: PartitionedTable = app.Table(
                name,
                partitions=partitions,
                key_type=bytes,
                value_type=bytes,
                help=text,
                options=dict(ROCKSDB_OPTIONS),
            )
            return made

        self.people = table("people", "Accepted profiles and their vectors, by profile_id.")
        self.exclusions = table("exclusions", "Jobs that a person wants left out.")
        self.pending = table("pending", "Superseded profiles whose lists wait for a refresh.")
        self.rankings = table("rankings", "What consumers were told last, by profile_id.")
        self.meta = table("meta", "The partition's as_of date, revision floor and ranker.")
        self.postings = table("postings", "Active jobs and grave markers, by job_id.")
        self.jobs = table("jobs", "Accepted jobs, their vectors and states, by job_id.")
        self.decisions = table("decisions", "What a reviewer decided last about each job.")
        self.lists = table("lists", "Partial lists of people per job, and the job's version.")

    def all(self) -> list[PartitionedTable]:
        """Every table."""
        return [
            self.people,
            self.exclusions,
            self.pending,
            self.rankings,
            self.meta,
            self.postings,
            self.jobs,
            self.decisions,
            self.lists,
        ]
