"""A hub's configuration, `tasks.json` and `admin.json`, as types: what the hubverse schemas of version 6.0.0 say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

VERSION = "v6.0.0"
SCHEMAS = f"https://raw.githubusercontent.com/hubverse-org/schemas/main/{VERSION}"
Scalar = str | int | float | bool
Format = Literal["csv", "parquet", "arrow"]
OutputName = Literal["mean", "median", "quantile", "cdf", "pmf", "sample"]
Short = Annotated[str, Field(max_length=100)]


@dataclass(frozen=True)
class Accepted:
    """Values of a column that must stand in a file; None where it must be blank."""

    required: tuple[Scalar, ...] | None

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def every(self) -> tuple[Scalar, ...]:
        """All values that may stand there."""
        return self.required or ()


@dataclass(frozen=True)
class TaskId(Accepted):
    """Values of a column that says what is predicted: those that must stand in a file, and those that may."""

    optional: tuple[Scalar, ...] | None

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def every(self) -> tuple[Scalar, ...]:
        """All values that may stand there."""
        return (*(self.required or ()), *(self.optional or ()))


@dataclass(frozen=True)
class Value:
    """What may stand in the column `value`."""

    type: Literal["double", "integer"]
    minimum: int | float | None = None
    maximum: int | float | None = None

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class SampleIds:
    """How samples are numbered, how many there are of a task, and which tasks are not drawn together."""

    type: Literal["character", "integer"]
    min_samples_per_task: Annotated[int, Field(ge=1)]
    max_samples_per_task: Annotated[int, Field(ge=1)]
    max_length: Annotated[int, Field(ge=1)] | None = None
    compound_taskid_set: tuple[str, ...] | None = None

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class OutputType:
    """A way of saying a prediction."""

    value: Value
    is_required: bool
    output_type_id: Accepted | None = None
    output_type_id_params: SampleIds | None = None

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Target:
    """What is predicted, in words."""

    target_id: Annotated[str, Field(max_length=30)]
    target_name: Short
    target_units: Short
    target_keys: Annotated[Mapping[str, str], Field(min_length=1, max_length=1)] | None
    target_type: Literal["continuous", "discrete", "date", "binary", "nominal", "ordinal", "compositional"]
    is_step_ahead: bool
    time_unit: Literal["day", "week", "month"] | None = None
    description: str = ""
    additional_metadata: Mapping[str, Any] | None = None

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class ModelTask:
    """Every combination of values of its columns, and how it may be predicted."""

    task_ids: Mapping[str, TaskId]
    output_type: Mapping[OutputName, OutputType]
    target_metadata: tuple[Target, ...]

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Days:
    """When files are handed in, in days from the date in a column."""

    relative_to: str
    start: int
    end: int

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Dates:
    """When files are handed in."""

    start: date
    end: date

    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class Round:
    """What is predicted in a round."""

    round_id_from_variable: bool
    round_id: str
    model_tasks: tuple[ModelTask, ...]
    submissions_due: Days | Dates
    round_name: str | None = None
    last_data_date: str | None = None
    file_format: tuple[Format, ...] | None = None
    derived_task_ids: tuple[str, ...] | None = None
    additional_metadata: Mapping[str, Any] | None = None

    __pydantic_config__ = {"extra": "forbid"}

    @property
    def ids(self) -> tuple[str, ...]:
        """The rounds that this is: one for each value of the column that tells them apart."""
        if not self.round_id_from_variable:
            return (self.round_id,)
        found = [task.task_ids[self.round_id].every for task in self.model_tasks if self.round_id in task.task_ids]
        return tuple(dict.fromkeys(str(value) for values in found for value in values))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that say what is predicted."""
        return tuple(dict.fromkeys(name for task in self.model_tasks for name in task.task_ids))


@dataclass(frozen=True)
class Tasks:
    """The file `tasks.json`."""

    schema_version: str
    rounds: tuple[Round, ...]
    output_type_id_datatype: Literal["auto", "character", "double", "integer", "logical", "Date"] = "auto"
    derived_task_ids: tuple[str, ...] | None = None

    __pydantic_config__ = {"extra": "forbid"}

    def derived(self, one: Round) -> tuple[str, ...]:
        """Name the columns whose values follow from those of others."""
        return (self.derived_task_ids if one.derived_task_ids is None else one.derived_task_ids) or ()


@dataclass(frozen=True)
class Admin:
    """The file `admin.json`."""

    schema_version: str
    name: str
    maintainer: str
    contact: Mapping[str, str]
    repository: Mapping[str, str]
    file_format: tuple[Format, ...]
    timezone: str
    model_output_dir: str = "model-output"
    zoltar_project_id: int | None = None
    citation: str | None = None
    cloud: Mapping[str, Any] | None = None

    __pydantic_config__ = {"extra": "forbid"}


def read[T: (Tasks, Admin)](kind: type[T], content: bytes) -> T:
    """Read one of the files.

    Raises
    ------
    ValidationError
        With every key and value that cannot be accepted.
    """
    found: T = _adapters()[kind].validate_json(content)
    return found


def written(value: Tasks | Admin) -> Any:
    """Write what one of the files says, as JSON has it; what is left to its default is left out."""
    return _adapters()[type(value)].dump_python(value, mode="json", exclude_defaults=True)


@cache
def _adapters() -> Mapping[Any, TypeAdapter[Any]]:
    return {kind: TypeAdapter(kind) for kind in (Tasks, Admin)}


def faults(tasks: Tasks) -> Iterator[str]:
    """List what is wrong between the parts of `tasks.json`, each of which is right by itself."""
    every = [one for part in tasks.rounds for one in part.ids]
    yield from (f"the round {one} stands twice" for one in dict.fromkeys(every) if every.count(one) > 1)
    for part in tasks.rounds:
        yield from _of_round(part, tasks.derived(part))
        for number, task in enumerate(part.model_tasks, 1):
            yield from (f"{part.round_id}, model task {number}: {fault}" for fault in _of_task(task))


def _of_round(part: Round, derived: tuple[str, ...]) -> Iterator[str]:
    if part.round_id_from_variable and not all(part.round_id in task.task_ids for task in part.model_tasks):
        yield f"the round's id is no column of all its model tasks: {part.round_id}"
    if isinstance(part.submissions_due, Days) and part.submissions_due.relative_to not in part.columns:
        yield f"submissions_due is relative to what is no column: {part.submissions_due.relative_to}"
    for name in derived:
        if name not in part.columns:
            yield f"the derived task id {name} is no column"
        elif any(task.task_ids[name].required for task in part.model_tasks if name in task.task_ids):
            yield f"the derived task id {name} has required values"


def _of_task(task: ModelTask) -> Iterator[str]:
    for target in task.target_metadata:
        for name, value in (target.target_keys or {}).items():
            if name not in task.task_ids or value not in task.task_ids[name].every:
                yield f"the target {target.target_id} has a key that is no value of a column: {name} = {value}"
            elif value != target.target_id:
                yield f"the target {target.target_id} has another key: {value}"
    for name, output in task.output_type.items():
        ids = output.output_type_id_params if name == "sample" else output.output_type_id
        if ids is None:
            yield f"the output type {name} says nothing of its ids"
        if isinstance(ids, SampleIds):
            yield from _of_samples(ids, task)


def _of_samples(ids: SampleIds, task: ModelTask) -> Iterator[str]:
    if ids.min_samples_per_task > ids.max_samples_per_task:
        yield "more samples are asked for than are allowed"
    if ids.type == "character" and ids.max_length is None:
        yield "samples with ids of letters need max_length"
    yield from (
        f"compound_taskid_set names what is no column: {name}"
        for name in ids.compound_taskid_set or ()
        if name not in task.task_ids
    )
