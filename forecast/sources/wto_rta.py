"""WTO database of regional trade agreements: the export of all, as the dated stages of each."""

from collections.abc import Iterator, Mapping
from datetime import date

from forecast.delivery import Delivery, delivery
from forecast.errors import DataError, listed, look_alike
from forecast.sources import sheets

HEADER = (
    *("RTA ID", "RTA Name", "Coverage", "Type", "Notification", "Status"),
    *("Date of Signature (G)", "Date of Signature (S)", "Date of Notification (G)", "Date of Notification (S)"),
    *("Date of Entry into Force (G)", "Date of Entry into Force (S)", "Inactive Date", "Accession?"),
    *("RTA Composition", "Region", "Cross-regional", "All Parties WTO members?"),
    *("Current signatories", "Original signatories", "Specific Entry/Exit dates"),
    *("WTO Consideration Process (G)", "Consideration Date (G)"),
    *("WTO Consideration Process (S)", "Consideration Date (S)"),
    *("End of implementation period (G)", "End of implementation period (S)", "Remarks"),
)
# The kinds of stages of mechanisms, where they mean the same; the WTO's database begins at signature.
STAGES = {"signed": "Date of Signature", "notified": "Date of Notification", "operational": "Date of Entry into Force"}
ENDED = ("expired", "Inactive Date")
MECHANISMS = {
    "FTA": "free_trade_agreement",
    "FTA & EIA": "free_trade_agreement",
    "CU": "customs_union",
    "CU & EIA": "customs_union",
    "PSA": "partial_scope_agreement",
    "PSA & EIA": "partial_scope_agreement",
    "EIA": "economic_integration_agreement",
    "": "",
}
GOODS, SERVICES = ("goods", "(G)"), ("services", "(S)")
CARD = "https://rtais.wto.org/UI/PublicShowRTAIDCard.aspx?rtaid="
Row = Mapping[str, str]
Stage = tuple[str, str, str, str]  # kind, column, date, what it covers


def parse(content: bytes, where: str) -> Delivery:
    """Read one row a stage of a treaty; goods and services have one together where their days are the same.

    Raises
    ------
    DataError
        If the header is not the export's, a treaty stands twice, its type is not known, or a date cannot be read.
    """
    table = sheets.table(content, where)
    _check_header(table.columns, where)
    cells = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    _check(cells, table.lines, where)
    rows = [(line, _event(row, stage)) for line, row in zip(table.lines, cells, strict=True) for stage in _stages(row)]
    if not rows:
        raise DataError("no treaty of the export has a date", where)
    days = [date.fromisoformat(row["event_at"]) for _, row in rows]
    undated = len(cells) - len({row["entity"] for _, row in rows})
    notes = [f"{undated} treaties without any date have no row"] if undated else []
    found, lines = [row for _, row in rows], [line for line, _ in rows]
    return delivery(found, lines, where, "WTO RTA database, all RTAs", (min(days), max(days)), notes=notes)


def _check_header(columns: tuple[str, ...], where: str) -> None:
    problems = [f"`{name}` is missing" for name in HEADER if name not in columns]
    problems += [f"`{name}` is not known; {look_alike(name, HEADER)}" for name in columns if name not in HEADER]
    if problems:
        raise DataError("the columns are not those of the export of all RTAs", f"{where}:1", listed(problems))


def _check(cells: list[dict[str, str]], lines: list[int], where: str) -> None:
    problems: sheets.Problems = []
    seen: dict[str, int] = {}
    for line, row in zip(lines, cells, strict=True):
        name = row["RTA ID"]
        if not (name.isascii() and name.isdigit()):
            problems.append((line, f"`RTA ID` is {name[:40]!r}, not a number"))
        elif seen.setdefault(name, line) != line:
            problems.append((line, f"treaty {name} stands on line {seen[name]} too"))
        if row["Type"] not in MECHANISMS:
            problems.append(
                (line, f"`Type` is `{row['Type'][:40]}`; {look_alike(row['Type'], filter(None, MECHANISMS))}")
            )
        problems += [
            (line, f"`{column}` is {when[:40]!r}, not a date written as 2019-05-17")
            for _, column, when, _ in _stages(row)
            if sheets.day(when) is None
        ]
    sheets.refuse(problems, where)


def _stages(row: Row) -> Iterator[Stage]:
    """Give the stages of a treaty that have a date."""
    for kind, column in STAGES.items():
        goods, services = f"{column} {GOODS[1]}", f"{column} {SERVICES[1]}"
        if row[goods] and row[goods] == row[services]:
            yield kind, goods, row[goods], f"{GOODS[0]} and {SERVICES[0]}"
            continue
        for name, covered in ((goods, GOODS[0]), (services, SERVICES[0])):
            if row[name]:
                yield kind, name, row[name], covered
    kind, column = ENDED
    if row[column]:
        yield kind, column, row[column], ""


def _event(row: Row, stage: Stage) -> dict[str, str]:
    """Say a stage; its record holds no date, so that a date that is corrected is a revision."""
    kind, _, when, covered = stage
    treaty = f"rta_{row['RTA ID']}"
    part = covered.partition(" ")[0]
    return {
        "record": f"{treaty}/{kind}/{part}" if part else f"{treaty}/{kind}",
        "kind": kind,
        "entity": treaty,
        "event_at": when,
        "known_at": "",
        "layer": "rta",
        "mechanism": MECHANISMS[row["Type"]],
        "name": row["RTA Name"].strip(),
        "covers": covered,
        "parties": row["Original signatories"],
        "url": CARD + row["RTA ID"],
    }
