"""Training pairs and batches keep their promises; a short run learns and goes on where it was."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import orjson
import pytest

from models.evaluation.noise import as_message, misspell, plain
from models.training.pairs import Pair, batches, fingerprint, titles, together, trades

pytestmark = pytest.mark.weights


def test_no_group_comes_twice_in_a_batch_and_no_pair_twice_at_all() -> None:
    found = [Pair(f"q{i}", f"p{i}", f"g{i % 23}") for i in range(400)]
    made = batches(found, 16, random.Random(1))
    assert len(made) >= 20
    for batch in made:
        assert len({pair.group for pair in batch}) == len(batch) == 16
    used = [pair.query for batch in made for pair in batch]
    assert len(used) == len(set(used))
    assert made == batches(found, 16, random.Random(1)), "seeded"
    assert made != batches(found, 16, random.Random(2))


def test_messages_are_misspelled_and_keep_the_trade_in_sight() -> None:
    rng = random.Random(3)
    texts = [as_message("vigilante de almacén", rng) for _ in range(200)]
    assert len(set(texts)) > 150
    assert sum("gil" in text or "jil" in text for text in texts) > 100
    assert all(text == plain(text) for text in (misspell("Señora Ñusta", rng) for _ in range(20)))


def test_trades_pair_names_of_the_same_trade() -> None:
    found = trades(random.Random(1), 1)
    assert len(found) > 100
    assert all("\t" not in pair.query + pair.passage for pair in found)


def test_a_run_learns_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    from models.training.train import CHECKPOINT, Recipe, Trainer

    found = [Pair(f"oficio numero {i}", f"trabajo {i * 7}", str(i)) for i in range(64)]
    recipe = Recipe(rank=2, batch=8, rate=2e-3, tokens=12)
    losses: list[float] = []
    first = Trainer(recipe, found, tmp_path / "whole")
    made = first.run(lambda step, loss: losses.append(loss))
    assert losses[-1] < losses[0]
    assert (made / "adapter_model.safetensors").stat().st_size < 2_000_000
    told = orjson.loads((made / "recipe.json").read_bytes())
    assert told["data"] == {"pairs": fingerprint(found)} != {"pairs": fingerprint(found[:-1])}
    half = Trainer(recipe, found, tmp_path / "cut")
    for step in range(4):
        half._step(half._batches[step])
    half._save(4)
    again: list[float] = []
    Trainer(recipe, found, tmp_path / "cut").run(lambda step, loss: again.append(loss))
    assert again == pytest.approx(losses[4:], rel=1e-3)
    assert not (made.parent / "cut" / CHECKPOINT).exists()


def test_the_trainer_reads_texts_as_the_stream_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the encoder is given for a text is the same in training and in production."""
    import numpy as np

    from models.encoding.embedder import Embedder
    from models.training.train import Recipe, Trainer

    class Seen:
        version, dim = "seen", 1
        texts: list[str]

        def encode(self, texts: list[str], kind: str) -> np.ndarray:
            prompts = {"query": "query: ", "passage": "passage: "}
            self.texts = [prompts[kind] + text for text in texts]
            return np.ones((len(texts), 1), np.float32)

    query, passage = "toy buscando chamba de cocinera", "Asistenta de cocina (o enfermera/o)"
    stream, wanted = Seen(), []
    for text, kind in ((query, "query"), (passage, "passage")):
        Embedder(stream, 0.0).encode([text], kind)  # type: ignore[arg-type]
        wanted += stream.texts
    trainer = Trainer(Recipe(rank=2, batch=2), [Pair(query, passage, "a")] * 2, tmp_path)
    assert trainer._tokens([query], [passage]) == [
        e.ids for e in trainer._tokenizer.encode_batch_fast(wanted)
    ]
    assert "cocinero" in wanted[0]


def test_a_title_of_two_occupations_is_no_negative_of_either() -> None:
    import torch

    from models.training.contrast import contrast
    from models.training.pairs import meanings

    found = [Pair("a", "vigilante", "x"), Pair("c", "chofer", "y")]
    assert meanings(found)["chofer"] == {"y"}
    both = meanings([Pair("a", "enfermera", "x"), Pair("b", "Enfermero", "y")])
    assert both["enfermera"] == both["Enfermero"] == {"x", "y"}
    vectors = torch.eye(3)
    same = torch.stack([vectors[0], vectors[0], vectors[2]])  # 0 and 1 mean the same
    right = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    blind = float(contrast(same, same, 0.05, False))
    seeing = float(contrast(same, same, 0.05, False, right))
    assert seeing < 1e-6 < 0.4 < blind


def _occupations(folder: Path) -> Path:
    """Occupations of three titles each, four to a unit group, in both files that name them."""
    esco = folder / "taxonomy/esco_es"
    for path in (esco, folder / "taxonomy/esco_v1.0_es", folder / "train"):
        path.mkdir(parents=True)
    columns = ["conceptUri", "iscoGroup", "preferredLabel", "altLabels", "description"]
    for name in (esco, folder / "taxonomy/esco_v1.0_es"):
        with (name / "occupations_es.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, columns)
            rows.writeheader()
            for i in range(80):
                names = [f"oficio {i} {kind}" for kind in ("uno", "dos", "tres")]
                rows.writerow(
                    {
                        "conceptUri": f"esco/{i}",
                        "iscoGroup": f"{5000 + i // 4}",
                        "preferredLabel": names[0],
                        "altLabels": "\n".join(names[1:]),
                        "description": "",
                    }
                )
    (folder / "train/taskA_training_es.tsv").write_text(
        "isco/C5000\tesco/0\toficio 0 uno\toficio 0 dos\n"
    )
    return folder


def test_some_passages_are_of_kin_and_kin_are_never_pushed_apart(tmp_path: Path) -> None:
    folder = _occupations(tmp_path)

    def number(text: str) -> int:
        return int(text.split()[1])

    alone = titles(folder, random.Random(1), 4, 0.0, kin=0.0)
    mixed = titles(folder, random.Random(1), 4, 0.0, kin=0.5)
    assert all(number(p.query) == number(p.passage) for p in alone)
    apart = [p for p in mixed if number(p.query) != number(p.passage)]
    assert 0.2 < len(apart) / len(mixed) < 0.5, "half, less those of their own occupation"
    assert all(number(p.query) // 4 == number(p.passage) // 4 for p in apart)
    assert all(p.query != p.passage for p in mixed)
    first, kin, other = (
        Pair("a", "pa", "x", unit="5000"),
        Pair("b", "pb", "y", unit="5000"),
        Pair("c", "pc", "z", unit="5001"),
    )
    nowhere = Pair("d", "pd", "v", "vacancy"), Pair("e", "pe", "w", "vacancy")
    batch = [first, kin, other, *nowhere]
    meant = {pair.passage: {pair.group} for pair in batch}
    same = together(batch, meant)
    assert [same[0][j] for j in range(5)] == [True, True, False, False, False]
    assert [same[3][j] for j in range(5)] == [False, False, False, True, False]
