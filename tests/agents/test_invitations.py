"""An employer asks a person: checked, counted, and nobody's ranking changes."""

from __future__ import annotations

from tests.support.harness import Cluster, here, phases
from tests.support.harness.village import ad, profile


async def test_an_invitation_changes_no_ranking(cluster: Cluster) -> None:
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    since = here(cluster)
    cluster.publish("invitations", "ana", {"profile_id": "ana", "job_id": "obra"})
    assert await cluster.run("invitations") == 1
    assert phases(cluster, since) == ["ack invitations"]
    assert cluster.ranking("ana") == ["obra"]
    assert (await cluster.verify()).ok


async def test_one_that_cannot_be_carried_is_refused(cluster: Cluster) -> None:
    cluster.publish("invitations", "ana", {"profile_id": "ana"})
    await cluster.run("invitations")
    (letter,) = cluster.letters("invitations")
    assert letter["dlq_error_class"] == "missing_id"
