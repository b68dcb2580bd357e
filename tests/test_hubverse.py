"""Hubverse: what is written is valid by its schemas and rules, and each rule finds what breaks it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest

from forecast.formats import checks, hub
from forecast.formats.checks import RULES, checked
from forecast.formats.hub_config import SCHEMAS, VERSION
from forecast.formats.issued import Issued
from forecast.formats.submission import Submission
from forecast.questions import Question
from forecast.rules import Rule

DAY = "2019-05-17"
PLACE = f"model-output/brinkcast-small/{DAY}-brinkcast-small.csv"


def issued(name: str, probability: float, number: int) -> Issued:
    rule = Rule("count", {"kind": ("attack",)})
    opens, closes = date(2019, 5, 17), date(2019, 6, 16 + number)
    asked = Question(f"{name}/{DAY}", "Will it?", rule, opens, closes, 10, opens, opens, name, "d")
    return Issued(
        question=f"{number:064x}",
        as_of=opens,
        brief="small",
        probability=probability,
        interval=(0.0, 1.0),
        raw=probability,
        raw_interval=(0.0, 1.0),
        baseline=0.5,
        baseline_interval=(0.0, 1.0),
        benchmark=None,
        quantiles={},
        past=(0, 0),
        events=None,
        models=("m",),
        specs={},
        data="0" * 64,
        program="0" * 64,
        machine={},
        draws=960,
        effective=400,
        id=f"{number:064x}",
        written_at=datetime(2019, 5, 18, tzinfo=UTC),
        live=True,
        asked=asked,
    )


MADE = hub.tree(
    [issued("a/30d", 0.1, 1), issued("b/30d", 0.7, 2), issued("c", 0.3, 3)],
    {f"{number:064x}": [0.0, 1.5, 2.0, float(number)] for number in (1, 2)},
)


def submission(made: dict[str, bytes] = MADE, place: str = PLACE) -> Submission:
    path = PurePosixPath(place)
    return Submission(path, made[PLACE], made[hub.TASKS], made[hub.ADMIN], ["brinkcast-small.yml"], [path.name])


def broken(one: Submission) -> list[str]:
    return [check.rule.name for check in checked(one) if check.stops]


def test_what_is_written_breaks_no_rule() -> None:
    found = checked(submission())
    assert [check.rule.name for check in found] == [rule.name for rule in RULES]
    assert [str(check) for check in found if check.problems] == [
        "note  submission_time: handed in from 0 to 7 days after origin_date; whether it is, is not looked at"
    ]


# What the schemas of version 6.0.0 ask of what stands in our files, by hand: not made of the types that write them.
TEXT: dict[str, Any] = {"type": "string"}
STRICT: dict[str, Any] = {"type": "object", "additionalProperties": False}


def strictly(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {**STRICT, "properties": {**required, **optional}, "required": list(required)}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "uniqueItems": True, "items": items}


def ids(items: dict[str, Any]) -> dict[str, Any]:
    return strictly({"required": listed(items), "optional": listed(items)})


DATE, WHOLE, FLAG = {**TEXT, "format": "date"}, {"type": "integer", "minimum": 1}, {"type": "boolean"}
PROBABILITY = strictly({"type": {"const": "double"}, "minimum": {"const": 0}, "maximum": {"const": 1}})
PMF = strictly(
    {
        "output_type_id": strictly({"required": {**listed(TEXT), "type": "array"}}),
        "value": PROBABILITY,
        "is_required": FLAG,
    }
)
SAMPLE = strictly(
    {
        "output_type_id_params": strictly(
            {"type": {"enum": ["character", "integer"]}, "min_samples_per_task": WHOLE, "max_samples_per_task": WHOLE},
            max_length=WHOLE,
            compound_taskid_set={**listed(TEXT), "type": "array"},
        ),
        "value": strictly({"type": {"enum": ["double", "integer"]}}, minimum={}, maximum={}),
        "is_required": FLAG,
    }
)
TARGET = strictly(
    {
        "target_id": {**TEXT, "maxLength": 30},
        "target_name": {**TEXT, "maxLength": 100},
        "target_units": {**TEXT, "maxLength": 100},
        "target_type": {"enum": ["continuous", "discrete", "date", "binary", "nominal", "ordinal", "compositional"]},
        "target_keys": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": TEXT},
        "is_step_ahead": FLAG,
    },
    description=TEXT,
)
MODEL_TASK = strictly(
    {
        "task_ids": {
            "type": "object",
            "properties": {"origin_date": ids(DATE), "target": ids(TEXT), "target_end_date": ids(DATE)},
            "additionalProperties": ids({}),
        },
        "output_type": {**STRICT, "properties": {"pmf": PMF, "sample": SAMPLE}},
        "target_metadata": {"type": "array", "items": TARGET},
    }
)
ROUND = strictly(
    {
        "round_id_from_variable": FLAG,
        "round_id": TEXT,
        "model_tasks": {"type": "array", "items": MODEL_TASK},
        "submissions_due": strictly({"relative_to": TEXT, "start": {"type": "integer"}, "end": {"type": "integer"}}),
    },
    additional_metadata={"type": "object"},
)
TASKS = strictly(
    {"schema_version": TEXT, "rounds": {"type": "array", "items": ROUND}},
    output_type_id_datatype={"enum": ["auto", "character", "double", "integer", "logical", "Date"]},
    derived_task_ids=listed(TEXT),
)
ADMIN = strictly(
    {
        "schema_version": TEXT,
        "name": TEXT,
        "maintainer": TEXT,
        "contact": {"type": "object", "properties": {"name": TEXT, "email": TEXT}},
        "repository": {"type": "object", "properties": {"host": {"const": "github"}, "owner": TEXT, "name": TEXT}},
        "file_format": {"type": "array", "items": {"enum": ["csv", "parquet", "arrow"]}},
        "timezone": {"enum": ["Atlantic/Reykjavik"]},
    }
)


@pytest.mark.parametrize(("name", "schema"), [(hub.TASKS, TASKS), (hub.ADMIN, ADMIN)])
def test_the_configuration_is_what_the_schema_of_its_version_asks_for(name: str, schema: dict[str, Any]) -> None:
    found = json.loads(MADE[name])
    dates = jsonschema.FormatChecker(formats=["date"])
    jsonschema.Draft202012Validator(schema, format_checker=dates).validate(found)
    assert found["schema_version"] == f"{SCHEMAS}/{Path(name).stem}-schema.json"
    assert f"/{VERSION}/" in found["schema_version"]


def test_the_model_is_described_as_the_hub_asks() -> None:
    text = MADE[f"{hub.METADATA}/brinkcast-small.yml"].decode()
    said = {key: json.loads(value) for key, value in (line.split(": ", 1) for line in text.splitlines())}
    jsonschema.validate(said, json.loads(MADE["hub-config/model-metadata-schema.json"]))
    assert f"{said['team_abbr']}-{said['model_abbr']}" == hub.model_id("small")
    assert hub.model_id("a-b c") == "brinkcast-a_b_c"


def content(old: str, new: str, count: int = 1) -> Callable[[Submission], Submission]:
    def change(one: Submission) -> Submission:
        assert old.encode() in one.content
        return replace(one, content=one.content.replace(old.encode(), new.encode(), count))

    return change


def tasks(change: Callable[[dict[str, Any]], Any]) -> Callable[[Submission], Submission]:
    def changed(one: Submission) -> Submission:
        found = json.loads(one.tasks)
        change(found)
        return replace(one, tasks=json.dumps(found).encode())

    return changed


def moved(name: str) -> Callable[[Submission], Submission]:
    return lambda one: replace(one, path=PurePosixPath(name), beside=[PurePosixPath(name).name])


def task(of: dict[str, Any], number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = of["rounds"][0]["model_tasks"][number]
    return found


HEAD = "origin_date,target,question,target_end_date,output_type,output_type_id,value\n"
FIRST = f"{DAY},event,a/30d,2019-06-16,pmf,no,0.9\n"
SECOND = f"{DAY},event,a/30d,2019-06-16,pmf,yes,0.1\n"
DRAWN = f"{DAY},reading,a/30d,2019-06-16,sample"
SPOILT: list[tuple[str, Callable[[Submission], Submission]]] = [
    ("valid_config", lambda one: replace(one, tasks=b"{")),
    ("valid_config", lambda one: replace(one, admin=b'{"name": "x"}')),
    ("valid_config", tasks(lambda all_: task(all_)["task_ids"].update(question={"required": ["a"], "optinal": None}))),
    ("valid_config", tasks(lambda all_: task(all_)["target_metadata"][0].update(target_id="other"))),
    ("valid_config", tasks(lambda all_: task(all_)["target_metadata"][0].update(target_keys={"target": "other"}))),
    ("valid_config", tasks(lambda all_: task(all_)["target_metadata"][0].update(target_id="x" * 31))),
    ("valid_config", tasks(lambda all_: task(all_)["output_type"]["pmf"].pop("output_type_id"))),
    ("valid_config", tasks(lambda all_: all_["rounds"].append(all_["rounds"][0]))),
    ("valid_config", tasks(lambda all_: all_["rounds"][0].update(round_id="when"))),
    ("valid_config", tasks(lambda all_: all_["rounds"][0]["submissions_due"].update(relative_to="when"))),
    ("valid_config", tasks(lambda all_: all_.update(derived_task_ids=["horizon"]))),
    ("valid_config", tasks(lambda all_: all_.update(derived_task_ids=["question"]))),
    *(
        (
            "valid_config",
            tasks(lambda all_, new=new: task(all_, 1)["output_type"]["sample"]["output_type_id_params"].update(new)),
        )
        for new in ({"min_samples_per_task": 9}, {"type": "character"}, {"compound_taskid_set": ["horizon"]})
    ),
    ("file_name", moved("model-output/brinkcast-small/2019-05-17-brinkcast.csv")),
    ("file_name", moved("model-output/brinkcast-small/2019-05-17-brink cast-small.csv")),
    ("file_location", moved(f"model-output/other-small/{DAY}-brinkcast-small.csv")),
    ("round_id_valid", moved("model-output/brinkcast-small/2019-05-18-brinkcast-small.csv")),
    ("file_format", moved(f"model-output/brinkcast-small/{DAY}-brinkcast-small.parquet")),
    ("file_n", lambda one: replace(one, beside=[*one.beside, f"{DAY}-brinkcast-small.parquet"])),
    ("metadata_exists", lambda one: replace(one, metadata=["other-small.yml"])),
    ("file_read", lambda one: replace(one, content=b"")),
    ("file_read", lambda one: replace(one, content=HEAD.encode())),
    ("file_read", lambda one: replace(one, content=one.content + b"\xff,a\n")),
    ("file_read", lambda one: replace(one, content=one.content + b",,,,,,,,,\n")),
    ("file_read", content("\n2019", "\n,2019", -1)),
    ("file_read", moved(f"model-output/brinkcast-small/{DAY}-brinkcast-small.gz.csv")),
    ("valid_round_id_col", content("origin_date", "date")),
    ("unique_round_id", content(f"\n{DAY},", "\n2019-05-18,")),
    ("match_round_id", content(f"\n{DAY},", "\n2019-05-18,", -1)),
    ("colnames", content("question", "asked")),
    ("colnames", content(HEAD, HEAD.replace("value", "value,note"))),
    ("valid_vals", content("a/30d", "d/30d")),
    ("valid_vals", content(",pmf,no,", ",pmf,maybe,")),
    ("valid_vals", content(",pmf,no,", ",mean,NA,")),
    ("valid_vals", content(f"{DRAWN},1,", f"{DRAWN},first,")),
    ("valid_vals", content(f"{DAY},event,a/30d", f"{DAY},reading,a/30d")),
    ("derived_task_id_vals", content("2019-06-16", "2019-06-30")),
    ("rows_unique", content(FIRST, FIRST + FIRST)),
    ("req_vals", content(FIRST, "")),
    ("req_vals", content(FIRST + SECOND, "")),
    ("value_col_valid", content(",no,0.9\n", ",no,1.9\n")),
    ("value_col_valid", content(",no,0.9\n", ",no,-0.1\n")),
    ("value_col_valid", content(",no,0.9\n", ",no,NA\n")),
    ("value_col_valid", content(f"{DRAWN},1,0.0\n", f"{DRAWN},1,inf\n")),
    ("value_col_sum1", content(",no,0.9\n", ",no,0.8\n")),
    ("spl_compound_taskid_set", content(f"{DRAWN},1,", f"{DRAWN},9,")),
    (
        "spl_n",
        lambda one: replace(one, content=b"\n".join(r for r in one.content.split(b"\n") if b"sample,4," not in r)),
    ),
]


@pytest.mark.parametrize(("name", "spoil"), SPOILT, ids=[f"{name} {at}" for at, (name, _) in enumerate(SPOILT)])
def test_what_breaks_a_rule_is_found_by_it(name: str, spoil: Callable[[Submission], Submission]) -> None:
    assert name in broken(spoil(submission()))


def test_a_rule_of_which_others_make_use_ends_the_list() -> None:
    found = checked(content("a/30d", "d/30d")(submission()))
    assert found[-1].rule.name == "valid_vals"
    assert "row 2 has 2019-05-17, event, d/30d, pmf, no" in str(found[-1])


def test_other_versions_are_looked_at_and_named() -> None:
    one = tasks(lambda all_: all_.update(schema_version=f"{SCHEMAS}/tasks-schema.json".replace("v6", "v5")))(
        submission()
    )
    note = next(check for check in checked(one) if check.rule.name == "schema_version")
    assert not note.stops
    assert "v5.0.0" in str(note)
    assert broken(one) == []


# A hub of another kind: values that may stand there, quantiles, and samples that are drawn apart.
OTHER: dict[str, Any] = {
    "schema_version": f"{SCHEMAS}/tasks-schema.json",
    "derived_task_ids": ["target_end_date"],
    "rounds": [
        {
            "round_id_from_variable": False,
            "round_id": "round_1",
            "submissions_due": {"start": "2022-06-07", "end": "2022-07-20"},
            "file_format": ["csv"],
            "model_tasks": [
                {
                    "task_ids": {
                        "location": {"required": ["US"], "optional": ["01", "TX"]},
                        "horizon": {"required": [1, 2], "optional": [3]},
                        "age": {"required": None, "optional": None},
                        "target_end_date": {"required": None, "optional": ["2022-07-01"]},
                    },
                    "output_type": {
                        "quantile": {
                            "output_type_id": {"required": [0.1, 0.5, 0.9]},
                            "value": {"type": "integer", "minimum": 0},
                            "is_required": True,
                        },
                        "mean": {
                            "output_type_id": {"required": None},
                            "value": {"type": "double"},
                            "is_required": False,
                        },
                        "sample": {
                            "output_type_id_params": {
                                "type": "character",
                                "max_length": 3,
                                "min_samples_per_task": 2,
                                "max_samples_per_task": 3,
                                "compound_taskid_set": ["location"],
                            },
                            "value": {"type": "double"},
                            "is_required": False,
                        },
                    },
                    "target_metadata": [
                        {
                            "target_id": "cases",
                            "target_name": "Cases",
                            "target_units": "count",
                            "target_keys": None,
                            "target_type": "discrete",
                            "is_step_ahead": True,
                            "time_unit": "week",
                        }
                    ],
                }
            ],
        }
    ],
}


def other(rows: list[str]) -> Submission:
    path = PurePosixPath("model-output/team-model/round_1-team-model.csv")
    text = "value,location,horizon,age,target_end_date,output_type,output_type_id\n" + "".join(
        f"{row}\n" for row in rows
    )
    admin = json.dumps({**json.loads(MADE[hub.ADMIN])}).encode()
    return Submission(path, text.encode(), json.dumps(OTHER).encode(), admin, ["team-model.yaml"], [path.name])


def quantiles(location: str, horizons: tuple[int, ...] = (1, 2)) -> list[str]:
    values = {"0.1": 1, "0.50": 2, "0.9": 2}
    return [
        f"{value},{location},{horizon},NA,2022-07-01,quantile,{level}"
        for horizon in horizons
        for level, value in values.items()
    ]


def samples(*names: str, location: str = "US", horizons: tuple[int, ...] = (1, 2)) -> list[str]:
    return [f"1,{location},{horizon},,2022-07-01,sample,{name}" for name in names for horizon in horizons]


GOOD = [*quantiles("US"), *samples("s0", "s1"), "2.5,US,1,,2022-07-01,mean,NA", "2.5,US,2,,2022-07-01,mean,"]


@pytest.mark.parametrize(
    "rows",
    [
        GOOD,
        quantiles("US"),
        [*GOOD, *quantiles("01")],
        [*GOOD, *quantiles("US", (3,))],
        [*GOOD, *quantiles("TX"), *samples("t0", "t1", location="TX")],
        # Coarser than is asked: drawn together over all places too.
        [*quantiles("US"), *quantiles("TX"), *samples("s0", "s1"), *samples("s0", "s1", location="TX")],
    ],
)
def test_a_hub_of_another_kind_is_read(rows: list[str]) -> None:
    assert broken(other(rows)) == []


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("req_vals", [row for row in GOOD if "quantile,0.9" not in row]),
        ("req_vals", quantiles("TX")),
        ("req_vals", [*GOOD, *quantiles("TX", (1,))]),
        ("req_vals", GOOD[:-1]),
        ("valid_vals", [*GOOD, "1,1,1,,2022-07-01,quantile,0.1"]),
        ("valid_vals", [*GOOD, *samples("s100")]),
        ("valid_vals", [row.replace("NA", "old", 1) for row in GOOD]),
        ("rows_unique", [*GOOD, "1,US,1,,2022-07-01,quantile,0.10"]),
        ("value_col_valid", [row.replace("2,US", "2.5,US", 1) for row in GOOD]),
        ("value_col_non_desc", [row.replace("1,US", "9,US", 1) for row in GOOD]),
        ("spl_n", [*quantiles("US"), *samples("s0")]),
        ("spl_n", [*quantiles("US"), *samples("s0", "s1", "s2", "s3")]),
        ("spl_n", [*GOOD, *quantiles("TX"), *samples("t0", "t1", "t2", location="TX")]),
        (
            "spl_compound_taskid_set",
            [*quantiles("US"), *samples("a", "b", horizons=(1,)), *samples("c", "d", horizons=(2,))],
        ),
        ("spl_non_compound_tid", [*quantiles("US"), *samples("a"), *samples("b", horizons=(1, 3))]),
    ],
)
def test_in_it_too_what_breaks_a_rule_is_found(name: str, rows: list[str]) -> None:
    assert name in broken(other(rows))


def test_a_sample_is_of_one_model_task() -> None:
    found = json.loads(MADE[hub.TASKS])
    both = task(found, 1)
    twice = {**both, "task_ids": {**both["task_ids"], "question": {"required": ["b/30d"], "optional": None}}}
    both["task_ids"]["question"] = {"required": ["a/30d"], "optional": None}
    found["rounds"][0]["model_tasks"].append(twice)
    assert broken(replace(submission(), tasks=json.dumps(found).encode())) == ["spl_mt_unique"]


def test_every_rule_is_broken_by_some_test_and_described() -> None:
    stops = {rule.name for rule in RULES if rule.level == "stop"}
    elsewhere = {"value_col_non_desc", "spl_mt_unique", "spl_non_compound_tid"}
    assert {name for name, _ in SPOILT} | elsewhere == stops
    page = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [rule.name for rule in checks.RULES if f"| `{rule.name}` | {rule.level} | {rule.says} |" not in page] == []
