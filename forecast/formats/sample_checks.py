"""Rules for the samples of a model output file: which rows are one draw, and how many draws there are."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from forecast.formats.hub_config import SampleIds
from forecast.formats.submission import ID, Block, Submission

SAMPLE: Final = "sample"


def _sampled(one: Submission) -> Iterator[tuple[int, Block, SampleIds, pd.DataFrame]]:
    for number, block in enumerate(one.blocks, 1):
        output = block.task.output_type.get(SAMPLE)
        if output and output.output_type_id_params and len(block.parts[SAMPLE]):
            yield number, block, output.output_type_id_params, block.parts[SAMPLE]


def _one_task(one: Submission) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, _, _, rows in _sampled(one):
        for name in rows[ID].unique():
            if seen.setdefault(name, number) != number:
                yield f"sample {name} is in the model tasks {seen[name]} and {number}"


def _asked(block: Block, ids: SampleIds) -> set[str]:
    """Name the columns that do not vary within a draw; all, unless the hub says which."""
    return set(ids.compound_taskid_set or block.columns) & set(block.columns)


def _found(block: Block, ids: SampleIds, rows: pd.DataFrame) -> set[frozenset[str]]:
    """Name the columns that do not vary within draws, for each draw, but for those with one value anyway."""
    columns, asked = list(block.columns), _asked(block, ids)
    single = rows.groupby(ID)[columns].nunique() == 1
    tells = [name for name in columns if name in asked or rows[name].nunique() > 1]
    return {frozenset(name for name in tells if row[name]) for row in single.drop_duplicates().to_dict("records")}


def _compound(one: Submission) -> Iterator[str]:
    for number, block, ids, rows in _sampled(one):
        found = _found(block, ids, rows)
        if len(found) > 1:
            yield f"some samples of model task {number} span other columns than others"
        elif finer := set().union(*found) - _asked(block, ids):
            yield f"samples of model task {number} are drawn apart for each {', '.join(sorted(finer))}"


def _apart(block: Block, ids: SampleIds, rows: pd.DataFrame) -> list[str]:
    (found,) = _found(block, ids, rows)
    return [name for name in block.columns if name in found]


def _span(one: Submission) -> Iterator[str]:
    for number, block, ids, rows in _sampled(one):
        within = [name for name in block.columns if name not in _apart(block, ids, rows)]
        spans = pd.Series(list(zip(*(rows[name] for name in within), strict=True)) if within else [()] * len(rows))
        if spans.groupby(rows[ID].to_numpy()).agg(frozenset).nunique() > 1:
            yield f"samples of model task {number} are not of the same {', '.join(within)}"


def _number(one: Submission) -> Iterator[str]:
    for number, block, ids, rows in _sampled(one):
        apart, (least, most) = _apart(block, ids, rows), (ids.min_samples_per_task, ids.max_samples_per_task)
        counts = rows.groupby(apart)[ID].nunique() if apart else pd.Series([rows[ID].nunique()])
        if counts.nunique() > 1:
            yield f"model task {number} has from {counts.min()} to {counts.max()} samples"
        elif not least <= counts.iloc[0] <= most:
            yield f"model task {number} has {counts.iloc[0]} samples, not {least} to {most}"


RULES = (
    ("spl_mt_unique", "a sample is of one model task", _one_task, True),
    (
        "spl_compound_taskid_set",
        "samples are drawn together over the same columns, and over those that are asked for",
        _compound,
        True,
    ),
    ("spl_non_compound_tid", "each sample of a model task is of the same values of these columns", _span, True),
    ("spl_n", "a task has as many samples as are asked for", _number),
)
