"""Forecasts as a hubverse hub: its configuration, the model's metadata, and the model's output.

A task is a question on a day. Of the target `event`, whether it comes out yes, there are the published probabilities
(`pmf`); of the target `reading`, the number that its rule reads, there are samples. All questions are read in the same
futures, so sample 7 of one question and sample 7 of another are one future: they are drawn jointly over `question`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from forecast import __version__, cells
from forecast.formats.hub_config import (
    SCHEMAS,
    Accepted,
    Admin,
    Days,
    ModelTask,
    OutputType,
    Round,
    SampleIds,
    Target,
    TaskId,
    Tasks,
    Value,
    written,
)
from forecast.formats.issued import Issued
from forecast.register import GRACE

TEAM = "brinkcast"
TASKS, ADMIN, METADATA = "hub-config/tasks.json", "hub-config/admin.json", "model-metadata"
OUTCOMES = ("no", "yes")
UTC = "Atlantic/Reykjavik"  # the schema's list has no UTC; the clocks of Iceland are never put forward
DERIVED = ("target_end_date",)
EVENT = Target(
    "event",
    "What the question asks about comes about",
    "yes or no",
    {"target": "event"},
    "binary",
    False,
    description="Whether the question's rule, and what is asked beside it, holds in its window.",
)
READING = Target(
    "reading",
    "The number that the question's rule reads",
    "that of the question's measure",
    {"target": "reading"},
    "continuous",
    False,
    description="What the rule reads off the events of the window; 0 where there is nothing to read.",
)
TEXT = {"type": "string"}


def tree(
    issued: Sequence[Issued], samples: Mapping[str, Sequence[float]], earlier: Iterable[Round] = ()
) -> dict[str, bytes]:
    """Write a hub: names of files in its folder, and their bytes.

    Parameters
    ----------
    issued : sequence of Issued
        Of one brief and day.
    samples : mapping of str to sequence of float
        Id of a question in the book -> what its rule reads in some futures, the same for all; may be empty.
    earlier : iterable of Round
        Of the same hub; one of the same day is replaced.
    """
    asked = {one.asked.series: one for one in issued}  # of one that was put into other words on the day, the last
    day, model = issued[0].as_of.isoformat(), model_id(issued[0].brief)
    rounds = [one for one in earlier if day not in one.ids] + [_round(asked, samples)]
    tasks = Tasks(f"{SCHEMAS}/tasks-schema.json", tuple(sorted(rounds, key=lambda one: one.ids)), "character", DERIVED)
    return {
        TASKS: _json(written(tasks)),
        ADMIN: _json(written(admin(issued[0].brief))),
        "hub-config/model-metadata-schema.json": _json(_metadata_schema()),
        f"{METADATA}/{model}.yml": _metadata(issued[0].brief),
        f"model-output/{model}/{day}-{model}.csv": _output(asked, samples),
    }


def model_id(brief: str) -> str:
    """Name the model as hubs do: the team, a hyphen, and a name without any."""
    return f"{TEAM}-{re.sub(r'[^A-Za-z0-9]', '_', brief)}"


def admin(brief: str) -> Admin:
    """Say whose hub it is; an owner who knows more may add it to the file."""
    return Admin(f"{SCHEMAS}/admin-schema.json", f"Brinkcast: {brief}", "Brinkcast", {}, {}, ("csv",), UTC)


def _round(asked: Mapping[str, Issued], samples: Mapping[str, Sequence[float]]) -> Round:
    sampled = {name: one for name, one in asked.items() if one.question in samples}
    number = len(next(iter(samples.values()), ()))
    pmf = OutputType(Value("double", 0, 1), True, Accepted(OUTCOMES))
    ids = SampleIds("integer", number, number, compound_taskid_set=("origin_date", "target")) if sampled else None
    tasks = [_task(asked, EVENT, {"pmf": pmf})]
    if ids is not None:
        tasks.append(_task(sampled, READING, {"sample": OutputType(Value("double"), True, output_type_id_params=ids)}))
    about = {name: _about(one) for name, one in asked.items()}
    return Round(
        round_id_from_variable=True,
        round_id="origin_date",
        model_tasks=tuple(tasks),
        submissions_due=Days("origin_date", 0, GRACE.days),  # what is handed in later is a backtest
        additional_metadata={"questions": about},
    )


def _task(asked: Mapping[str, Issued], target: Target, output: Mapping[Any, OutputType]) -> ModelTask:
    ends = sorted({_last_day(one) for one in asked.values()})
    day = next(iter(asked.values())).as_of.isoformat()
    return ModelTask(
        {
            "origin_date": TaskId((day,), None),
            "target": TaskId((target.target_id,), None),
            "question": TaskId(tuple(asked), None),
            "target_end_date": TaskId(None, tuple(ends)),
        },
        output,
        (target,),
    )


def _about(one: Issued) -> dict[str, Any]:
    rule = one.asked.rule
    said = {"text": one.asked.text, "measure": rule.measure, "op": rule.op, "threshold": rule.threshold}
    return {**said, "opens": one.asked.opens.isoformat(), "closes": one.asked.closes.isoformat(), "id": one.question}


def _last_day(one: Issued) -> str:
    return (one.asked.closes - timedelta(days=1)).isoformat()


def _output(asked: Mapping[str, Issued], samples: Mapping[str, Sequence[float]]) -> bytes:
    rows = [["origin_date", "target", "question", "target_end_date", "output_type", "output_type_id", "value"]]
    for name, one in asked.items():
        said = (1 - one.probability, one.probability)
        rows += [[*_key(name, one, EVENT), "pmf", *pair] for pair in zip(OUTCOMES, map(repr, said), strict=True)]
    for name, one in asked.items():
        read = enumerate(samples.get(one.question, ()), 1)
        rows += [[*_key(name, one, READING), "sample", str(number), repr(value)] for number, value in read]
    return cells.written(rows)


def _key(name: str, one: Issued, target: Target) -> list[str]:
    return [one.as_of.isoformat(), target.target_id, name, _last_day(one)]


def _metadata(brief: str) -> bytes:
    team, _, model = model_id(brief).partition("-")
    said = {
        "team_name": "Brinkcast",
        "team_abbr": team,
        "model_name": f"Brinkcast, brief {brief}",
        "model_abbr": model,
        "model_version": __version__,
        "methods": "Shares of simulated futures in which a rule holds, bent by what earlier forecasts were worth.",
    }
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in said.items()).encode()  # JSON is YAML too


def _metadata_schema() -> dict[str, Any]:
    keys = ("team_name", "team_abbr", "model_name", "model_abbr", "model_version", "methods")
    abbreviation = {**TEXT, "pattern": "^[A-Za-z0-9_]+$"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What is said of a model",
        "type": "object",
        "properties": {key: abbreviation if key.endswith("_abbr") else TEXT for key in keys},
        "required": list(keys),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
