"""TOML text to frozen types; unknown keys and wrong values are refused by name, all at once."""

import tomllib
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from forecast.errors import SpecError, listed, look_alike

LARGEST = 1_000_000
DEEPEST = 50


def loads(text: str, where: str) -> dict[str, Any]:
    """Parse TOML text.

    Raises
    ------
    SpecError
        If it is not TOML, repeats a key, nests too deep or is larger than 1 MB.
    """
    if len(text) > LARGEST:
        raise SpecError("the file is larger than 1 MB", where)
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise SpecError("this is not valid TOML", where, str(problem)[:300]) from None
    if _nests_deeper(found, DEEPEST):  # how deep the parser itself goes depends on who else is in the process
        raise SpecError("this is not valid TOML", where, f"it nests deeper than {DEEPEST} levels")
    return found


def _nests_deeper(value: Any, levels: int) -> bool:
    """Say whether lists and tables stand in each other more than so many times."""
    here = [value]
    for _ in range(levels):
        lists = [one.values() if isinstance(one, dict) else one for one in here if isinstance(one, (dict, list))]
        here = [inner for each in lists for inner in each]
    return any(isinstance(one, (dict, list)) for one in here)


def parse[T](cls: type[T], table: dict[str, Any], where: str) -> T:
    """Turn a table into a frozen dataclass.

    Parameters
    ----------
    cls : type
        A dataclass whose `__pydantic_config__` forbids unknown keys.
    table : dict
        The parsed TOML.
    where : str
        File name for the message.

    Raises
    ------
    SpecError
        With every unknown key (and its look-alike), missing key and wrong value.
    """
    try:
        found: T = _adapter(cls).validate_python(table)  # type: ignore[arg-type]  # a class can be hashed
        return found
    except ValidationError as refused:
        problems = [_say(cls, error) for error in refused.errors()]
    raise SpecError("this file cannot be accepted", where, listed(list(dict.fromkeys(problems))))


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    """Work out once how a type is read: that takes longer than reading."""
    return TypeAdapter(cls)


def _say(cls: type[Any], error: Any) -> str:
    if not error["loc"]:  # said of the whole file
        return str(error["msg"]).removeprefix("Value error, ")
    *above, last = error["loc"]
    # Where a value may be of several types, the names of the types stand in the path: `tuple[...]`.
    path = [str(part) for part in above if not (isinstance(part, str) and "[" in part)] + [str(last)]
    key = ".".join(path)
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"`{key}` is not a key here; {look_alike(path[-1], _siblings(cls, path[:-1]))}"
    if error["type"] in ("missing", "missing_argument"):
        return f"`{key}` is missing"
    return f"`{key}`: {error['msg'].removeprefix('Value error, ')} (got {str(error['input'])[:60]!r})"


def _siblings(cls: type[Any], path: list[str]) -> list[str]:
    """List the keys that are known at a path, following dataclass fields as far as they go."""
    here: Any = cls
    for part in path:
        if is_dataclass(here):
            types = {field.name: field.type for field in fields(here)}
            here = _inner(types.get(part, here))
        else:
            here = _inner(here)
    return [field.name for field in fields(here)] if is_dataclass(here) else []


def _inner(annotation: Any) -> Any:
    """Find the dataclass inside `tuple[X, ...]`, `Mapping[str, X]` or `X | None`."""
    for argument in getattr(annotation, "__args__", ()):
        if is_dataclass(argument):
            return argument
    return annotation
