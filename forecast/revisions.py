"""What differs between the rows of two snapshots, or between what a file says and what is on record."""

import pandas as pd

KEY = ["source", "record"]


def changed(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Part the rows of two snapshots: those that are kept, new ones, and revised ones as they were and as they are.

    A row that is no longer there was revised away.

    Parameters
    ----------
    before, after : DataFrame
        With the columns `source` and `record`, which name a row.

    Returns
    -------
    dict of str to DataFrame
        kept, new, revised (as rows are in `after`), old (as those are in `before` that are not kept).
    """
    one, two = (rows.set_index(KEY, drop=False).rename_axis(["", ""]) for rows in (before, after))
    columns = [name for name in one if name in two]
    both = one.index.intersection(two.index)
    old, now = one.loc[both, columns], two.loc[both, columns]
    same = ((old == now) | (old.isna() & now.isna())).all(axis=1).to_numpy()
    return {
        "kept": two.loc[both[same]],
        "new": two[~two.index.isin(one.index)],
        "revised": two.loc[both[~same]],
        "old": one[~one.index.isin(both[same])],
    }
