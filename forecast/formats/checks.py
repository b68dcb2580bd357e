"""Whether a model output file is what its hub asks for: hubverse's rules as checks with names, in their order.

The names are those of hubValidations, and so are the rules, in our own words. A check of level `stop` makes a file
invalid; of level `note` it only tells. Where what follows could not be read, it is not looked at.
"""

from collections.abc import Iterator

from pydantic import ValidationError

from forecast import checklist
from forecast.checklist import Check, Rule
from forecast.errors import look_alike
from forecast.formats import sample_checks, table_checks
from forecast.formats.hub import METADATA
from forecast.formats.hub_config import SCHEMAS, VERSION, Days, faults
from forecast.formats.submission import Submission


def checked(submission: Submission) -> list[Check]:
    """Look at a file by every rule, until one is broken that the next ones stand on."""
    return checklist.checked(RULES, submission)


def _config(one: Submission) -> Iterator[str]:
    for name in ("config", "settings"):
        try:
            getattr(one, name)
        except ValidationError as problem:
            file = "tasks.json" if name == "config" else "admin.json"
            for error in problem.errors():
                yield f"{file}, {'.'.join(map(str, error['loc']))}: {error['msg']}"
            return
    yield from faults(one.config)


def _version(one: Submission) -> Iterator[str]:
    asked = one.config.schema_version
    if not asked.startswith(f"{SCHEMAS}/"):
        yield f"the configuration is written for {asked}; these rules are those of {SCHEMAS}"


def _name(one: Submission) -> Iterator[str]:
    if not one.name:
        yield f"it is {one.path.name}"


def _location(one: Submission) -> Iterator[str]:
    place = f"{one.settings.model_output_dir}/{one.name['model']}"
    if one.path.parent.as_posix() != place:
        yield f"it lies in {one.path.parent}, not in {place}"


def _round(one: Submission) -> Iterator[str]:
    known = [name for part in one.config.rounds for name in part.ids]
    if one.name["round"] not in known:
        yield f"there is no round {one.name['round']}; {look_alike(one.name['round'], known)}"


def _format(one: Submission) -> Iterator[str]:
    accepted = one.round.file_format or one.settings.file_format
    if one.path.suffix[1:] not in accepted:
        yield f"it ends with {one.path.suffix or 'nothing'}, and accepted are {', '.join(accepted)}"


def _number(one: Submission) -> Iterator[str]:
    others = [name for name in one.beside if name.partition(".")[0] == one.path.name.partition(".")[0]]
    if len(others) > 1:
        yield f"there are {len(others)}: {', '.join(sorted(others))}"


def _metadata(one: Submission) -> Iterator[str]:
    if not {f"{one.name['model']}.yml", f"{one.name['model']}.yaml"} & set(one.metadata):
        yield f"there is no {METADATA}/{one.name['model']}.yml"


def _readable(one: Submission) -> Iterator[str]:
    if one.path.suffix != ".csv" or one.path.name.count(".") > 1:
        yield "this program reads no other than plain CSV"
        return
    try:
        if one.rows.empty:
            yield "it has no rows"
    except ValueError as problem:  # UnicodeDecodeError and pandas' own are
        yield str(problem).splitlines()[0]


def _due(one: Submission) -> Iterator[str]:
    due = one.round.submissions_due
    after = f" days after {due.relative_to}" if isinstance(due, Days) else ""
    yield f"handed in from {due.start} to {due.end}{after}; whether it is, is not looked at"


RULES = (
    Rule(
        "valid_config",
        "the hub's configuration has the keys and values of its schema, and its parts fit together",
        _config,
        ends=True,
    ),
    Rule(
        "schema_version",
        f"the configuration is written for version {VERSION[1:]} of the schemas",
        _version,
        level="note",
    ),
    Rule("file_name", "the file is called ROUND-TEAM-MODEL, each of letters, digits and _", _name, ends=True),
    Rule("file_location", "it lies in the folder of its model", _location),
    Rule("round_id_valid", "the hub has the round that the file's name says", _round, ends=True),
    Rule("file_format", "the round accepts files of this format", _format, ends=True),
    Rule("file_n", "a model has one file a round", _number),
    Rule("metadata_exists", "there is a file in model-metadata that describes the model", _metadata),
    Rule("submission_time", "when files are handed in", _due, level="note"),
    Rule("file_read", "the file can be read", _readable, ends=True),
    *(Rule(*rule) for rule in table_checks.RULES),
    *(Rule(*rule) for rule in sample_checks.RULES),
)
