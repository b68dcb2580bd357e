"""The text of a model's file with one prior replaced; comments, layout and all else stay as they were."""

from datetime import date
from typing import Any

import tomlkit

from forecast.spec import Prior


def elicited(text: str, name: str, prior: Prior, today: date, member: str = "") -> str:
    """Write an expert's prior where the interval stood, and that the file was changed.

    Parameters
    ----------
    text : str
        TOML that has been read as a spec.
    name : str
        Of a prior, or of a covariate whose effect it is.
    prior : Prior
        One that was elicited.
    today : date
        For `written`, if that is earlier: what is forecast as of an earlier day is a backtest.
    member : str
        Of a pool; a covariate that it takes from the pool is changed there, for all members.
    """
    document = tomlkit.parse(text)
    own = [one for one in document.get("members", ()) if one.get("name") == member]
    for table in (*own, document):
        if "written" in table:
            table["written"] = max(table["written"], today)
    _put([*own, document], name, prior)
    return tomlkit.dumps(document)


def _put(tables: list[Any], name: str, prior: Prior) -> None:
    """Replace it in the first table that says it."""
    for table in tables:
        if name in table.get("priors", ()):
            table["priors"][name] = _inline(prior)
            return
    for item in next((table["covariates"] for table in tables if "covariates" in table), ()):
        if item["name"] == name:
            item["effect"] = _inline(prior)


def _inline(prior: Prior) -> Any:
    said = {
        "low": prior.low,
        "high": prior.high,
        "by": prior.by,
        "on": prior.on,
        "because": prior.because,
        "instead": list(prior.instead or ()),
    }
    return tomlkit.value(
        f"{{ {', '.join(f'{key} = {tomlkit.item(value).as_string()}' for key, value in said.items())} }}"
    )
