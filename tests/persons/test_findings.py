"""What is held on a person, and what an erasure leaves: on the real agents, in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher_stream.cli.person import exported, keeping, write_private
from matcher_stream.config.contract import partition_for
from matcher_stream.config.retention import kept
from matcher_stream.persons.places import NOTHING, TABLES
from schemas import DAY_MS
from schemas.errors import PersonUnknown, UnreadableFile
from tests.persons.conftest import Village
from tests.support.harness.explainer import APP_ID as EXPLAINER
from tests.support.harness.village import COOK, MASON, ad, profile, said
from tests.support.harness.worker import APP_ID

_WORDS = "asiento ladrillo"


async def _lively(village: Village) -> None:
    """Ana and Beto, three ads, and what each of them did; Ana changed her profile once."""
    cluster = village.cluster
    for job in ("obra", "cocina", "limpieza"):
        cluster.publish("jobs", job, ad(job))
    await village.drain()
    cluster.publish("profiles", "ana", profile("ana", COOK))
    cluster.publish("profiles", "beto", profile("beto", COOK, min_pay=1234.5))
    await village.drain()
    cluster.publish("profiles", "ana", profile("ana", MASON, valid_until="2090-01-01"))
    cluster.publish("feedback", "ana", said("ana", "limpieza", "dismissed"))
    cluster.publish("feedback", "ana", said("ana", "obra", "opened"))
    invited = {"profile_id": "ana", "job_id": "obra", "employer": "Obras Inventadas"}
    cluster.publish("invitations", "ana", invited)
    await village.drain()


def _places(records: list[Any]) -> set[str]:
    return {found.place.topic.removeprefix("matcher.").removesuffix(".v1") for found in records}


async def test_everything_that_is_kept_is_found(village: Village) -> None:
    await _lively(village)
    findings = await village.held("ana")
    assert _places(findings.current) == {
        "profiles", "feedback", "invitations", "matches", "candidates", "explanations",
        f"{APP_ID}-candidates-partial",
        *(f"{APP_ID}-{t}-changelog" for t in ("people", "exclusions", "outcomes", "rankings",
                                                 "lists")),
        f"{EXPLAINER}-explained-changelog",
    }  # fmt: skip
    told = {found.place.topic: found.data for found in findings.current}
    people = told[f"{APP_ID}-people-changelog"]
    assert people["profile"]["text"] == MASON
    assert len(people["vector"]) == village.cluster.worker.context.state.match.dim
    assert told[f"{APP_ID}-exclusions-changelog"]["limpieza"]["kind"] == "dismissed"
    assert any(found.data["text"] == COOK for found in findings.left if "text" in found.data)


async def test_nothing_of_others_is_in_it(village: Village) -> None:
    await _lively(village)
    text = json.dumps(exported(await village.held("ana")))
    assert _WORDS in text
    assert "beto" not in text
    assert "1234.5" not in text


async def test_an_erasure_leaves_nothing_in_use(village: Village) -> None:
    await _lively(village)
    done, findings = await village.erase("ana")
    assert done
    assert findings.standing == []
    assert _places(findings.current) == {"feedback", "invitations", f"{APP_ID}-meta-changelog"}
    assert (await village.held("ana")).standing == []
    assert (await village.held("beto")).standing
    assert village.cluster.told("matches", "ana")[-1] is None
    assert village.explainer.told("ana") == {}


async def test_what_is_left_in_logs_says_until_when(village: Village) -> None:
    await _lively(village)
    _, findings = await village.erase("ana")
    ends = {found.place.topic: findings.gone_ms(found) for found in findings.left}
    at = max(found.replaced or 0 for found in findings.left)
    assert ends["matcher.profiles.v1"] is not None
    assert round((ends["matcher.profiles.v1"] - at) / DAY_MS) == 7
    assert round(((ends["matcher.matches.v1"] or 0) - at) / DAY_MS) == 8  # a week of history
    feedback = [f for f in findings.current if f.place.topic == "matcher.feedback.v1"]
    assert [findings.gone_ms(f) for f in feedback] == [f.written + 91 * DAY_MS for f in feedback]
    assert len(feedback) == 2, "of a topic without compaction a key's every record stays"


async def test_erasing_twice_asks_for_nothing(village: Village) -> None:
    await _lively(village)
    await village.erase("ana")
    findings = await village.held("ana")
    assert findings.standing == []
    assert findings.told == 1


async def test_somebody_nobody_knows(village: Village) -> None:
    await _lively(village)
    with pytest.raises(PersonUnknown):
        await village.held("nadie")


async def test_a_profile_in_a_wrong_partition_is_taken_back_too(village: Village) -> None:
    cluster = village.cluster
    wrong = 1 - partition_for(b"ana", 2)
    cluster.publish("profiles", "ana", profile("ana", COOK), partition=wrong)
    cluster.publish("profiles", "ana", profile("ana", MASON))
    await village.drain()
    findings = await village.held("ana")
    assert findings.astray == {0, 1}
    assert any(place.endswith("profiles.v1.dlq") for place in _places(findings.current))
    done, findings = await village.erase("ana")
    assert done
    assert findings.astray == set()


async def test_a_worker_that_does_not_run_confirms_nothing(village: Village) -> None:
    await _lively(village)
    done, findings = await village.erase("ana", 0.05, running=False)
    assert not done
    left = _places(findings.standing)
    assert {"matches", "explanations", f"{APP_ID}-people-changelog"} <= left
    assert "profiles" not in left


async def test_an_explainer_that_does_not_run_is_waited_for(village: Village) -> None:
    await _lively(village)

    async def matcher_alone() -> None:
        await village.cluster.drain()

    village.drain = matcher_alone  # type: ignore[method-assign]
    done, findings = await village.erase("ana", 0.05)
    assert not done
    places = _places(findings.standing)
    assert "explanations" in places
    assert places == {"explanations", f"{EXPLAINER}-explained-changelog"}


async def test_who_asks_for_nothing_but_an_id_that_others_begin_with(village: Village) -> None:
    cluster = village.cluster
    cluster.publish("jobs", "cocina", ad("cocina"))
    cluster.publish("profiles", "ana", profile("ana", COOK))
    cluster.publish("profiles", "ana:obra", profile("ana:obra", COOK))
    await village.drain()
    findings = await village.held("ana")
    keys = {f.key for f in findings.current if f.place.topic == "matcher.explanations.v1"}
    assert keys == {"ana:cocina"}
    done, _ = await village.erase("ana")
    assert done
    assert (await village.held("ana:obra")).standing


def test_a_row_of_another_version_is_told_by_its_size() -> None:
    row = b"\x63" + bytes(200)
    told = TABLES["people"].read("ana", b"\0\0ana", row)
    assert told == {"unreadable_bytes": len(row)}
    assert TABLES["people"].read("ana", b"\0\0beto", row) is NOTHING


def test_an_export_is_its_owner_s_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "persona.json"
    write_private(path, b"{}")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnreadableFile):
        write_private(path, b"{1}")
    assert path.read_bytes() == b"{}"


@pytest.mark.parametrize(
    ("config", "replaced", "written", "said"),
    [
        ({"cleanup.policy": "compact", "max.compaction.lag.ms": str(6 * DAY_MS),
          "segment.ms": str(DAY_MS)}, 7, None, "hasta que se borre"),
        ({"cleanup.policy": "compact"}, None, None, "sin plazo"),
        ({"cleanup.policy": "delete", "retention.ms": "-1"}, None, None, "sin plazo"),
        ({"cleanup.policy": "delete", "retention.ms": str(6 * DAY_MS),
          "segment.ms": str(DAY_MS)}, None, 7, "7 días"),
        ({}, None, 14, "14 días"),
    ],
)  # fmt: skip
def test_how_long_a_topic_keeps(
    config: dict[str, str], replaced: int | None, written: int | None, said: str
) -> None:
    times = kept(config)
    assert (times.replaced, times.written) == (replaced, written)
    assert said in keeping(times)
