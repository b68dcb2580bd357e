"""Write docs/sources.md from what importers declare of their publishers' files: `python bench/source_pages.py`."""

import ast
from pathlib import Path
from typing import Any

from forecast import catalogue

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "sources.md"
HEAD = """# Other people's sources

Importers read files as their publishers ship them. A block of `data/sources.toml` names one by its `format`, and takes
over all that it declares, key by key, unless it says otherwise; the reference desk has such a block for each. None of
these is bundled; mind their licences before passing anything on. `forecast fetch NAME` downloads what has an
`address`, and `forecast add FILE --source NAME` reads a file that is there.

A file's version is told by its header. Countries are found in a table of our own, `forecast/sources/countries.csv` (ISO
3166, Gleditsch and Ward, UCDP's names, FIPS 10-4, CAMEO; states that are no more among them), by code or by exact name:
what is not there is refused, never guessed. This page is written by `python bench/source_pages.py` from what the
importers declare.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """Put the page together, a part an importer."""
    return "\n".join([HEAD, *(_part(name) for name in catalogue.formats())])


def _part(name: str) -> str:
    said: dict[str, Any] = catalogue.declared(name, "data/sources.toml")
    tree = ast.parse((ROOT / "forecast" / "sources" / f"{name}.py").read_text(encoding="utf-8"))
    about, reads = ast.get_docstring(tree), _reads(tree)
    lag = said.get("lag")
    known = "the day of the fetch" if lag is None else f"{lag} days after its event or period (assumed)"
    lines = [
        f"## `{name}`\n",
        f"{about} {reads}\n",
        f"- Publisher: {said['publisher']}, <{said['url']}>. Licence: {said['licence']}.",
        f"- Kinds: {', '.join(f'`{kind}`' for kind in said['kinds'])}.",
        f"- A row that does not say when it became public counts as known from {known}.",
        *([f"- {said['note']}"] if "note" in said else []),
    ]
    columns = [f"| `{column}` | {one.get('type', 'text')} | {one['meaning']} |" for column, one in _columns(said)]
    return "\n".join([*lines, *(["", "| column | type | meaning |", "|---|---|---|", *columns] if columns else []), ""])


def _columns(said: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    return list(said.get("columns", {}).items())


def _reads(tree: ast.Module) -> str:
    """Find the sentence that says what the importer's `parse` does."""
    parse = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "parse")
    return " ".join((ast.get_docstring(parse) or "").split("\n\nRaises")[0].split())


if __name__ == "__main__":
    main()
