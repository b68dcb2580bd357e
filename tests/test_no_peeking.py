"""The law of laws: what becomes known on or after the as-of day changes no byte of a forecast."""

import csv
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from forecast import predict, world
from forecast.archive import Archive
from forecast.brief import Brief
from forecast.desk import Desk
from forecast.events import Snapshot
from forecast.inference import Sizes
from forecast.predict import Models
from forecast.questions import Question

ROOT = Path(__file__).parents[1]
AS_OF = date(2019, 5, 17)
SIZES = Sizes(200, 100)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the reference desk whose files may be spoilt."""
    root = tmp_path_factory.mktemp("desk")
    for part in ("data", "models", "reports/briefs"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("fitted"))
    return root


def spoil(root: Path, change: str, seed: int) -> int:
    """Change, delete or add rows that were known on or after the as-of day; return how many."""
    draw, touched = random.Random(seed), 0
    for path in sorted((root / "data" / "events").glob("*/*.csv")):
        with path.open(newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened)
            columns, rows = list(reader.fieldnames or []), list(reader)
        kept = []
        for row in rows:
            if row["known_at"] < AS_OF.isoformat():
                kept.append(row)
                continue
            touched += 1
            if change == "delete":
                continue
            if change == "add":
                kept.append({**row, "record": row["record"] + "-again"})
            if change == "perturb":
                if row.get("value"):
                    row["value"] = f"{float(row['value']) * draw.uniform(0.9, 1.1):.3f}"
                for column in ("entity", "actor", "target", "region", "direction", "against", "attribution"):
                    if column in row:
                        row[column] = draw.choice(rows)[column]
            kept.append(row)
        draw.shuffle(kept)
        with path.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
    return touched


def answerable(here: Desk, item: Brief, snapshot: Snapshot) -> list[Question]:
    """Take the questions of a brief that base rates can answer: what is under way is not for a replay to say."""
    return [one for one in here.agenda(item, snapshot).questions if one.rule.measure != "standing"]


Forecasts = list[tuple[str, float, tuple[float, float], float, tuple[int, int]]]


def forecasts(root: Path) -> Forecasts:
    """Forecast the seed case with base rates for every domain: no sampling, all the rest of the way."""
    here = Desk(root)
    item = here.brief("seed-2019")
    snapshot = here.archive.as_of(AS_OF, item.sources)
    specs = [here.spec(name) for name in item.baselines]
    questions = answerable(here, item, snapshot)
    found = predict.predict(Models(specs, specs), snapshot, questions, SIZES).forecasts
    return [(one.question.id, one.probability, one.interval, one.baseline, one.past) for one in found]


@pytest.fixture(scope="module")
def untouched(desk: Path) -> tuple[Snapshot, Forecasts]:
    """What is known and forecast at the desk as it is."""
    return Archive(desk / "data").as_of(AS_OF), forecasts(desk)


@pytest.mark.parametrize("change", ["perturb", "delete", "add"])
def test_the_future_changes_nothing(
    desk: Path, tmp_path: Path, untouched: tuple[Snapshot, Forecasts], change: str
) -> None:
    spoilt = tmp_path / "desk"
    shutil.copytree(desk, spoilt)
    assert spoil(spoilt, change, seed=7) > 500
    (before, forecast), after = untouched, Archive(spoilt / "data").as_of(AS_OF)
    assert before.digest == after.digest
    assert before.events.equals(after.events)
    assert forecast == forecasts(spoilt)


def test_what_the_models_see_is_the_snapshot_alone(desk: Path, tmp_path: Path) -> None:
    """The panels of the sampled models are equal too, so their posteriors are."""

    spoilt = tmp_path / "desk"
    shutil.copytree(desk, spoilt)
    spoil(spoilt, "perturb", seed=11)
    for name in ("proxy_attacks", "outages", "mechanisms"):
        panels = []
        for here in (Desk(desk), Desk(spoilt)):
            part = here.spec(name).parts[0]
            known = here.archive.as_of(AS_OF, here.brief("seed-2019").sources)
            panels.append(world.family(part).panel(known, part))
        assert panels[0].identical(panels[1])


def test_a_longer_horizon_changes_no_nearer_answer(desk: Path) -> None:
    here = Desk(desk)
    item = here.brief("seed-2019")
    snapshot = here.archive.as_of(AS_OF, item.sources)
    specs = [here.spec(name) for name in item.baselines]
    questions = answerable(here, item, snapshot)
    near = [one for one in questions if one.closes <= AS_OF + timedelta(days=60)]

    def answered(asked: list[Question]) -> dict[str, float]:
        found = predict.predict(Models(specs, specs), snapshot, asked, SIZES).forecasts
        return {one.question.id: one.probability for one in found}

    alone, together = answered(near), answered(questions)
    assert {name: together[name] for name in alone} == alone


def test_an_as_of_date_beyond_the_sources_is_refused_with_the_date_that_is_possible(desk: Path) -> None:
    from forecast.errors import CoverageError

    archive = Archive(desk / "data")
    newest = archive.newest(["attacks", "mechanisms"])
    assert archive.as_of(newest, ["attacks", "mechanisms"]).as_of == newest
    with pytest.raises(CoverageError) as refused:
        archive.as_of(newest + timedelta(days=1), ["attacks", "mechanisms"])
    assert newest.isoformat() in refused.value.hint
