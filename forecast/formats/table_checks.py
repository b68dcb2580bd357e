"""Rules for the table of a model output file: its columns, its rows, and the column `value`."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from forecast.formats.hub_config import OutputName, OutputType, Value
from forecast.formats.submission import BLANK, ID, TYPE, VALUE, Block, Submission, texts, wanted

RISING: tuple[OutputName, ...] = ("quantile", "cdf")
TOLERANCE = 1.5e-8  # of a sum, as R compares numbers
ROW = 2  # in the file, of the first row below the header


def _round_column(one: Submission) -> Iterator[str]:
    if one.round.round_id_from_variable and one.round.round_id not in one.rows:
        yield f"there is no column {one.round.round_id}"


def _one_round(one: Submission) -> Iterator[str]:
    if one.round.round_id_from_variable:
        found = sorted(set(one.rows[one.round.round_id]))
        if len(found) != 1:
            yield f"it holds {', '.join(found[:3])}"


def _same_round(one: Submission) -> Iterator[str]:
    if one.round.round_id_from_variable:
        found = one.rows[one.round.round_id].iloc[0]
        if found != one.name["round"]:
            yield f"it holds {found}"


def _columns(one: Submission) -> Iterator[str]:
    asked, found = {*one.round.columns, TYPE, ID, VALUE}, set(map(str, one.rows))
    yield from (f"there is no column {name}" for name in sorted(asked - found))
    yield from (f"nobody asks for a column {name}" for name in sorted(found - asked))


def _known(one: Submission) -> Iterator[str]:
    for place, row in one.strangers.iterrows():
        said = ", ".join(str(row[name]) for name in [*one.key, TYPE, ID])
        yield f"row {_line(place)} has {said}"


def _derived(one: Submission) -> Iterator[str]:
    for name in one.derived:
        accepted = {
            text for task in one.round.model_tasks if name in task.task_ids for text in texts(task.task_ids[name].every)
        }
        found = one.rows[name][~one.rows[name].isin(accepted)]
        yield from (f"row {_line(place)} has {name} = {cell}" for place, cell in found.items())


def _once(one: Submission) -> Iterator[str]:
    for block in one.blocks:
        for rows in block.parts.values():
            again = rows.duplicated([*block.columns, ID])
            yield from (f"row {_line(place)} stands twice" for place in rows.index[again])


def _complete(one: Submission) -> Iterator[str]:
    for block in one.blocks:
        for kind, output in block.task.output_type.items():
            yield from _lacking(block, kind, output)


def _lacking(block: Block, kind: str, output: OutputType) -> Iterator[str]:
    """List combinations of required values that are not there, for each combination of optional ones that is."""
    must = [_required(block, name) for name in block.columns]
    rows = block.parts[kind]
    seen = block.rows if output.is_required else rows
    patterns = set(
        zip(*(_free(seen[name], cells) for name, cells in zip(block.columns, must, strict=True)), strict=True)
    )
    if output.is_required and None not in must:
        patterns.add(tuple([None] * len(must)))
    samples = output.output_type_id_params is not None  # whose ids are their authors' own
    there = set(zip(*(rows[name] for name in block.columns), [BLANK] * len(rows) if samples else rows[ID], strict=True))
    for pattern in sorted(patterns, key=repr):
        choices = [[cell] if cell is not None else cells or [] for cell, cells in zip(pattern, must, strict=True)]
        for combination in product(*choices, [BLANK] if samples else wanted(output)):
            if combination not in there:
                yield f"there is no {kind} of {', '.join(filter(None, combination))}"


def _required(block: Block, name: str) -> list[str] | None:
    """List what must stand in a column: a blank where nothing may; None where it is free."""
    asked = block.task.task_ids.get(name)
    if asked is None or not asked.every:
        return texts(())
    return texts(asked.required) if asked.required else None


def _free(cells: pd.Series, required: Sequence[str] | None) -> list[str | None]:
    """Leave out cells that are required anyway."""
    return [None if required is not None and cell in required else cell for cell in cells]


def _values(one: Submission) -> Iterator[str]:
    for block in one.blocks:
        for kind, output in block.task.output_type.items():
            rows = block.parts[kind]
            wrong = rows[VALUE][~_allowed(rows[VALUE], output.value)]
            yield from (f"row {_line(place)} has {cell or 'none'}" for place, cell in wrong.items())


def _allowed(cells: pd.Series, rule: Value) -> pd.Series:
    numbers = pd.to_numeric(cells, errors="coerce")
    well = pd.Series(np.isfinite(numbers), index=cells.index)
    if rule.type == "integer":
        well &= numbers % 1 == 0
    if rule.minimum is not None:
        well &= numbers >= rule.minimum
    if rule.maximum is not None:
        well &= numbers <= rule.maximum
    return well


def _ascending(one: Submission) -> Iterator[str]:
    for block in one.blocks:
        for kind in RISING:
            rows = block.parts.get(kind)
            if rows is not None and len(rows):
                order = rows[ID].map(wanted(block.task.output_type[kind]).index)
                numbered = rows.assign(place=order, number=pd.to_numeric(rows[VALUE], errors="coerce"))
                for key, some in numbered.sort_values("place").groupby(list(block.columns)):
                    if (some["number"].diff() < 0).any():
                        yield f"they fall for {_said(key)}"


def _sum(one: Submission) -> Iterator[str]:
    for block in one.blocks:
        rows = block.parts.get("pmf")
        if rows is not None:
            sums = pd.to_numeric(rows[VALUE], errors="coerce").groupby([rows[name] for name in block.columns]).sum()
            for key, total in sums[(sums - 1).abs() > TOLERANCE].items():
                yield f"they sum to {total:.6g} for {_said(key)}"


def _said(key: object) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _line(place: object) -> str:
    return f"{int(str(place)) + ROW:,}"


RULES = (
    ("valid_round_id_col", "the column that names the round is there", _round_column, True),
    ("unique_round_id", "it holds one round", _one_round, True),
    ("match_round_id", "it is the round of the file's name", _same_round, True),
    ("colnames", "the columns are those of the round, and output_type, output_type_id, value", _columns, True),
    ("valid_vals", "each row is one that the round accepts", _known, True),
    ("derived_task_id_vals", "values that follow from others are accepted ones", _derived),
    ("rows_unique", "no row stands twice", _once),
    ("req_vals", "all combinations that are required are there", _complete),
    ("value_col_valid", "values are numbers of the type and in the range that are asked for", _values),
    ("value_col_non_desc", "values of a quantile or cdf do not fall as its ids rise", _ascending),
    ("value_col_sum1", "values of a pmf sum to one", _sum),
)
