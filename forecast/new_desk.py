"""A desk of one's own: a folder of data, models, questions and briefs, laid out from a template."""

from pathlib import Path

from forecast import files, toml
from forecast.errors import UsageError, look_alike

DESKS = Path(__file__).parent / "desks"
PARTS = ("data/sources.toml", "data/README.md", "data/events", "data/questions", "models", "reports/briefs")
KEPT = ("*.toml", "*.md", "*.csv")


def templates() -> dict[str, str]:
    """Name the templates, and say what each is."""
    return toml.loads((DESKS / "templates.toml").read_text(encoding="utf-8"), "templates.toml")


def lay_out(to: str | Path, template: str) -> list[Path]:
    """Lay a desk out in a new or empty folder.

    Parameters
    ----------
    to : str or Path
        The folder.
    template : str
        One of `templates()`.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If there is no such template, or something lies in the folder: nothing is written over.
    """
    folder = Path(to)
    if template not in templates():
        raise UsageError(f"there is no template `{template}`", "--template", hint=look_alike(template, templates()))
    if folder.exists() and (not folder.is_dir() or any(one.name != ".git" for one in folder.iterdir())):
        why = "a desk is laid out in a new or an empty one"
        raise UsageError("something lies there already", str(folder), why, "name another folder")
    own = _template(template)
    made = {folder / path.relative_to(own): path for part in PARTS for path in _files(own / part)}
    made |= {folder / "README.md": DESKS / "README.md", folder / ".gitignore": DESKS / "gitignore"}
    for path, source in sorted(made.items()):
        files.write(path, source.read_bytes())
    return sorted(made)


def _template(name: str) -> Path:
    """Find the folder of a template: the reference desk lies in the wheel, and in a checkout at its root."""
    inside = DESKS / name
    return inside if inside.is_dir() else Path(__file__).parents[1]


def _files(part: Path) -> list[Path]:
    """List what a part of a template holds; what was fitted is left where it is."""
    if part.is_file():
        return [part]
    return [path for ending in KEPT for path in part.rglob(ending) if "fitted" not in path.parts]
