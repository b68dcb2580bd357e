"""Commands about a desk and the machine it stands on: laid out, checked, looked at; and what an error means."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from forecast import refusals
from forecast.arguments import HERE, Folder, at_desk
from forecast.output import Output, command, listed

app = typer.Typer()


@command(app, "file")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    template: Annotated[
        str, typer.Option("--template", help="gulf, the reference desk; or counts, stages, levels: small, invented.")
    ] = "counts",
) -> Output:
    """Lay out a desk of one's own: data, models, questions and a brief, all commented, from a template.

    Example: forecast init my-desk --template counts
    """
    from forecast import new_desk

    files = [str(path) for path in new_desk.lay_out(folder, template)]
    said = f"{len(files)} files: {new_desk.templates()[template]}"
    print(f"next: cd {folder}; forecast check; forecast run", file=sys.stderr)
    return Output(lambda: print(said), lambda: {"files": files}, lambda: [{"file": one} for one in files])


@command(app, "line")
def check(desk: Folder = HERE) -> Output:
    """Read all data, models, questions and briefs, and say what is wrong with them; nothing is sampled."""
    return listed("line", at_desk(desk).check())


@command(app, name="explain-error")
def explain_error(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As an error bears it, like BC-D001.")],
) -> Output:
    """Say what the code of an error means, and what to do about it.

    Example: forecast explain-error BC-D001
    """
    text = refusals.explained(code)
    return Output(lambda: print(text), lambda: {"code": code, "said": text})


@command(app, "name", "found", "well", "hint")
def doctor(desk: Folder = HERE) -> Output:
    """Look at the machine: Python, libraries, the desk, free disk, where compiled models are kept, fonts, the clock."""
    from forecast import doctor as clinic

    findings = clinic.findings(desk.resolve())
    rows, code = [asdict(finding) for finding in findings], 0 if all(finding.well for finding in findings) else 4
    return Output(lambda: print(*findings, sep="\n"), lambda: {"findings": rows}, lambda: rows, code)
