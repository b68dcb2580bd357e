"""A model output file and the hub that it is handed in to, as they are read by the checks."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.formats.hub_config import Admin, ModelTask, OutputType, Round, Scalar, Tasks, read

NAME = re.compile(r"(?P<round>\d{4}-\d{2}-\d{2}|[A-Za-z0-9_]+)-(?P<model>[A-Za-z0-9_]+-[A-Za-z0-9_]+)")
TYPE, ID, VALUE = "output_type", "output_type_id", "value"
BLANK, MISSING = "", "NA"


@dataclass(frozen=True)
class Block:
    """A model task of the round, the columns that tell its tasks apart, and the rows of each output type."""

    task: ModelTask
    columns: tuple[str, ...]
    parts: Mapping[str, pd.DataFrame]

    @property
    def rows(self) -> pd.DataFrame:
        """All its rows."""
        return pd.concat(self.parts.values())


@dataclass(frozen=True)
class Submission:
    """A file, where it lies in the hub, and what stands beside it; each part is read when it is asked for.

    Parameters
    ----------
    path : PurePosixPath
        In the hub's folder.
    content : bytes
    tasks, admin : bytes
        The hub's configuration.
    metadata : collection of str
        Names of the files that tell about models.
    beside : collection of str
        Names of the files in the same folder, this one among them.
    """

    path: PurePosixPath
    content: bytes
    tasks: bytes
    admin: bytes
    metadata: Sequence[str]
    beside: Sequence[str]

    @cached_property
    def config(self) -> Tasks:
        """What the hub asks for."""
        return read(Tasks, self.tasks)

    @cached_property
    def settings(self) -> Admin:
        """How the hub is run."""
        return read(Admin, self.admin)

    @cached_property
    def name(self) -> Mapping[str, str]:
        """The round and the model in the file's name; empty if that names none."""
        found = NAME.fullmatch(self.path.name.partition(".")[0])
        return found.groupdict() if found else {}

    @cached_property
    def round(self) -> Round:
        """The round that the file's name names."""
        return next(one for one in self.config.rounds if self.name["round"] in one.ids)

    @cached_property
    def derived(self) -> tuple[str, ...]:
        """The columns whose values follow from others."""
        return self.config.derived(self.round)

    @cached_property
    def key(self) -> list[str]:
        """The columns that say what is predicted, and do not follow from others."""
        return [name for name in self.round.columns if name not in self.derived]

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The table, each cell a text; blank where nothing is known."""
        found = pd.read_csv(io.BytesIO(self.content), dtype=str, keep_default_na=False, encoding="utf-8")
        if not isinstance(found.index, pd.RangeIndex):
            raise ValueError("rows have more cells than the header")
        return found.fillna(BLANK).replace(MISSING, BLANK)

    @cached_property
    def blocks(self) -> list[Block]:
        """The model tasks of the round with the rows that they accept."""
        return [self._block(task) for task in self.round.model_tasks]

    @cached_property
    def strangers(self) -> pd.DataFrame:
        """The rows that no model task accepts."""
        known = {place for block in self.blocks for rows in block.parts.values() for place in rows.index}
        return self.rows[~self.rows.index.isin(known)]

    def _block(self, task: ModelTask) -> Block:
        keep = np.ones(len(self.rows), dtype=bool)
        for name in self.key:
            values = task.task_ids[name].every if name in task.task_ids else ()
            keep &= self.rows[name].isin(texts(values)).to_numpy()
        parts: dict[str, pd.DataFrame] = {}
        for kind, output in task.output_type.items():
            rows = self.rows[keep & (self.rows[TYPE] == kind).to_numpy()]
            rows = rows.assign(**{ID: _one_way(output, rows[ID])})
            parts[kind] = rows[_accepts(output, rows[ID])]
        return Block(task, tuple(self.key), parts)


def texts(values: Iterable[Scalar]) -> list[str]:
    """Write values of a configuration as a file has them; a blank if there are none."""
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values] or [BLANK]


def wanted(output: OutputType) -> list[str]:
    """List the ids that an output type must have, as blocks have them."""
    asked = output.output_type_id.every if output.output_type_id else ()
    return [repr(float(value)) for value in asked] if _numbers(asked) else texts(asked)


def _numbers(values: Sequence[Scalar]) -> bool:
    return bool(values) and not any(isinstance(value, (str, bool)) for value in values)


def _one_way(output: OutputType, ids: pd.Series) -> pd.Series:
    """Write ids one way: where the configuration has numbers, 0.10 is 0.1."""
    if output.output_type_id is None or not _numbers(output.output_type_id.every):
        return ids
    return pd.to_numeric(ids, errors="coerce").map(repr).astype(str)


def _accepts(output: OutputType, ids: pd.Series) -> NDArray[np.bool_]:
    samples = output.output_type_id_params
    if samples is None:
        return ids.isin(wanted(output)).to_numpy()
    if samples.type == "integer":
        return ids.str.fullmatch(r"\d+").to_numpy(bool)
    return ((ids != BLANK) & (ids.str.len() <= (samples.max_length or 0))).to_numpy(bool)
