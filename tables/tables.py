"""The tables of the matcher."""

from __future__ import annotations

from tables.base import Table, TableSet


class Tables(TableSet):
    """People, exclusions, outcomes, tallies, pending, rankings and meta live where the profile
    lives; postings where the fan-out copy lives; jobs, decisions and lists where the job's key
    lives.
    """

    people = Table("Accepted profiles and their vectors, by profile_id.")
    exclusions = Table("Jobs that a person wants left out.")
    outcomes = Table("What became of jobs that a person was shown, by profile_id and impression.")
    tallies = Table("The same counted over people: by place and region, and by job.")
    pending = Table("Superseded profiles whose lists wait for a refresh.")
    rankings = Table("What consumers were told last, by profile_id.")
    meta = Table("The partition's as_of date, revision floor and ranker.")
    postings = Table("Active jobs and grave markers, by job_id.")
    jobs = Table("Accepted jobs, their vectors and states, by job_id.")
    decisions = Table("What a reviewer decided last about each job.")
    lists = Table("Partial lists of people per job, and the job's version.")
