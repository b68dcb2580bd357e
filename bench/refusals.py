"""Write forecast/refusals.toml and docs/errors.md: every way the program refuses, each with a code that stays.

`python bench/refusals.py` reads the program's own text: a refusal that is new gets the next number of its letter, one
that is no more keeps its number as retired, so that a code never comes to mean something else.
"""

import ast
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "forecast"
FILE, PAGE = PACKAGE / "refusals.toml", ROOT / "docs" / "errors.md"
LETTERS = {
    "NotConverged": "N",
    "UsageError": "U",
    "SpecError": "S",
    "CoverageError": "C",
    "DataError": "D",
    "EnvironmentFault": "E",
    "PassingFault": "E",
    "InternalError": "I",
}
PARTS = ("what", "where", "why", "hint")
GAP = "…"
Entry = dict[str, str | bool]
HEAD = """# Every way the program refuses

An error has four lines: what is wrong, where, why, and what to do. Its first line bears a code, which
`forecast explain-error CODE` explains without a network. Codes stay: a number is never given twice. `…` stands for what
differs from case to case. `--debug` before the command, or `FORECAST_DEBUG=1`, shows where an error arose.

| exit code | letter | meaning |
|---|---|---|
| 1 | N | a model did not converge, or a check said no: no probability is printed |
| 2 | U, S, C | a command, a file that an analyst edits, or an as-of day that cannot be meant |
| 3 | D | data that cannot be read without guessing |
| 4 | E | disk, permission, lock, cache, network |
| 70 | I | a bug of ours: please report it |
| 130, 143 | | interrupted, terminated: nothing half-done was written |

A code that ends with 000 is of a refusal that is not listed here. This page is written by `python bench/refusals.py`.
"""


def main() -> None:
    """Write both files."""
    entries = numbered(list(found()), kept())
    FILE.write_text(catalogue(entries), encoding="utf-8")
    PAGE.write_text(page(entries), encoding="utf-8")


def kept() -> list[Entry]:
    """Read the refusals that have a code."""
    return list(tomllib.loads(FILE.read_text(encoding="utf-8")).get("refusal", [])) if FILE.exists() else []


def found() -> Iterator[Entry]:
    """Read every refusal off the program's text, once each, in the order of its files."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        room = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for entry in _of_function(function, room):
                key = (str(entry["code"]), str(entry["what"]))
                if key not in seen and str(entry["what"]).strip(f"{GAP} "):
                    seen.add(key)
                    yield entry


def _of_function(function: ast.FunctionDef, room: str) -> Iterator[Entry]:
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _pairs(target, node.value):
                    named.setdefault(name, []).append(value)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LETTERS and node.args:
            said = dict(zip(PARTS, node.args, strict=False))
            said |= {str(keyword.arg): keyword.value for keyword in node.keywords}
            others = {part: _texts(said[part], named) for part in PARTS[1:] if part in said}
            beside = {part: texts[0] for part, texts in others.items() if texts[0]}
            for what in _texts(node.args[0], named):
                yield {"code": LETTERS[node.func.id], "room": room, "what": what, **beside}


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """List what is assigned to which name, of `a, b = one, other` too."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, other)


def _texts(node: ast.expr, named: dict[str, list[ast.expr]]) -> list[str]:
    """Write the texts that may stand there, each with a gap for everything that differs from case to case."""
    if isinstance(node, ast.Name) and node.id in named:
        return [text for value in named[node.id] for text in _texts(value, {})]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, named), *_texts(node.orelse, named)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else GAP for part in node.values]
        return ["".join(str(part) for part in parts)]
    return [GAP]


def numbered(new: list[Entry], before: list[Entry]) -> list[Entry]:
    """Give each refusal the code that it has, or the next one; keep the codes of those that are no more."""
    codes = {(str(one["code"])[3], one["what"]): str(one["code"]) for one in before}
    last = dict.fromkeys(LETTERS.values(), 0)
    for code in codes.values():
        last[code[3]] = max(last[code[3]], int(code[4:]))
    entries = []
    for one in new:
        letter = str(one["code"])
        if (letter, one["what"]) not in codes:
            last[letter] += 1
            codes[letter, one["what"]] = f"BC-{letter}{last[letter]:03d}"
        entries.append({**one, "code": codes[letter, one["what"]]})
    there = {one["code"] for one in entries}
    entries += [{**one, "retired": True} for one in before if one["code"] not in there]
    return sorted(entries, key=lambda one: str(one["code"]))


def catalogue(entries: list[Entry]) -> str:
    """Write the refusals as TOML."""
    blocks = [
        "[[refusal]]\n" + "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in one.items())
        for one in entries
    ]
    return "# Written by bench/refusals.py from the program's own text.\n\n" + "\n\n".join(blocks) + "\n"


def page(entries: list[Entry]) -> str:
    """Write the refusals as a page."""
    lines = [HEAD, "| code | what | what to do |", "|---|---|---|"]
    for one in entries:
        if not one.get("retired"):
            cells = (str(one["what"]), str(one.get("hint", "")).strip(GAP))
            what, hint = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
            lines.append(f"| `{one['code']}` | {what} | {hint} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
