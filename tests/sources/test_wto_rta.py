"""The WTO's export of trade agreements: stages, goods and services, keys that outlive corrections, refusals."""

import csv as cells
import io
from datetime import date
from pathlib import Path

import pytest

from forecast.errors import DataError
from forecast.sources import wto_rta
from tests.sources.test_sheets import typed, xlsx

ROOT = Path(__file__).parents[2]
RAW = ROOT.parent / "shared/data/raw/wto_rta_all_rtas.csv"
TREATY = dict.fromkeys(wto_rta.HEADER, "") | {
    "RTA ID": "9001",
    "RTA Name": "Ruritania - Syldavia ",
    "Type": "FTA & EIA",
    "Status": "Inactive",
    "Date of Signature (G)": "2001-02-03",
    "Date of Signature (S)": "2001-02-03",
    "Date of Notification (G)": "2001-05-01",
    "Date of Entry into Force (G)": "2002-01-01",
    "Date of Entry into Force (S)": "2005-01-01",
    "Inactive Date": "2010-06-30",
    "Original signatories": "Ruritania; Syldavia",
    "Remarks": "It was\nreplaced.",
}
Row = dict[str, str]


def csv(*rows: Row, header: tuple[str, ...] = wto_rta.HEADER) -> bytes:
    written = io.StringIO()
    lines = cells.writer(written)
    lines.writerow(header)
    lines.writerows([row.get(name, "") for name in header] for row in rows)
    return written.getvalue().encode()


def test_a_treaty_becomes_its_dated_stages() -> None:
    found = wto_rta.parse(csv(TREATY), "a.csv")
    assert found.rows[["record", "kind", "event_at", "covers"]].to_numpy().tolist() == [
        ["rta_9001/signed/goods", "signed", "2001-02-03", "goods and services"],
        ["rta_9001/notified/goods", "notified", "2001-05-01", "goods"],
        ["rta_9001/operational/goods", "operational", "2002-01-01", "goods"],
        ["rta_9001/operational/services", "operational", "2005-01-01", "services"],
        ["rta_9001/expired", "expired", "2010-06-30", ""],
    ]
    assert found.span == (date(2001, 2, 3), date(2010, 6, 30))
    assert set(found.rows["name"]) == {"Ruritania - Syldavia"}
    assert not found.rows.isin(["Inactive", TREATY["Remarks"]]).any(axis=None)  # told in hindsight


def test_rows_are_events_of_the_declared_kinds() -> None:
    events = typed(wto_rta.parse(csv(TREATY), "a.csv"), 'format = "wto_rta"')
    assert set(events["entity"]) == {"rta_9001"}
    assert set(events["mechanism"]) == {"free_trade_agreement"}
    assert events["value"].tolist() == [1.0] * len(events)


def test_a_corrected_date_keeps_its_record() -> None:
    before = wto_rta.parse(csv(TREATY), "a.csv").rows["record"]
    after = wto_rta.parse(csv(TREATY | {"Date of Entry into Force (G)": "2002-02-01"}), "a.csv").rows["record"]
    assert after.tolist() == before.tolist()


def test_every_type_of_treaty_has_a_name() -> None:
    rows = [TREATY | {"RTA ID": str(at), "Type": name} for at, name in enumerate(wto_rta.MECHANISMS)]
    assert wto_rta.parse(csv(*rows), "a.csv").rows["entity"].nunique() == len(rows)


def test_treaties_without_a_date_are_counted_not_invented() -> None:
    planned = dict.fromkeys(wto_rta.HEADER, "") | {"RTA ID": "9002", "RTA Name": "Plan"}
    found = wto_rta.parse(csv(TREATY, planned), "a.csv")
    assert found.notes == ("1 treaties without any date have no row",)
    assert "rta_9002" not in set(found.rows["entity"])
    with pytest.raises(DataError, match="no treaty"):
        wto_rta.parse(csv(planned), "a.csv")


def test_the_workbook_says_the_same_whatever_follows_its_first_sheet() -> None:
    dated = {name: date.fromisoformat(cell) if "Date" in name and cell else cell for name, cell in TREATY.items()}
    row = [int(cell) if name == "RTA ID" else cell or None for name, cell in dated.items()]
    book = xlsx({"AllRTAs": [list(wto_rta.HEADER), row], "Changes": [["RTA ID"], [9001]]})
    assert wto_rta.parse(book, "a.xlsx").rows.equals(wto_rta.parse(csv(TREATY), "a.csv").rows)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (csv(TREATY, header=("RTA Id", *wto_rta.HEADER[1:])), "did you mean `RTA ID`"),
        (csv(TREATY, header=wto_rta.HEADER[:-1]), "`Remarks` is missing"),
        (csv(TREATY, header=(*wto_rta.HEADER, "Note")), "`Note` is not known"),
        (csv(TREATY, TREATY), "treaty 9001 stands on line 2 too"),
        (csv(TREATY | {"RTA ID": "x1"}), "'x1'"),
        (csv(TREATY | {"Type": "FTA & EAI"}), "did you mean `FTA & EIA`"),
        (csv(TREATY | {"Inactive Date": "31-Dec-2020"}), "`Inactive Date` is '31-Dec-2020'"),
        (csv(TREATY | {"Date of Signature (S)": "44000"}), "`Date of Signature (S)` is '44000'"),
        (csv(TREATY)[:-30], "quote"),
        (b"<html></html>", "no rows"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(DataError) as refused:
        wto_rta.parse(content, "a")
    assert why in str(refused.value)


@pytest.mark.skipif(not RAW.exists(), reason="the publishers' files are not here")
def test_the_real_export_can_be_read_and_agrees_with_what_was_coded_by_hand() -> None:
    found = wto_rta.parse(RAW.read_bytes(), "AllRTAs.csv")
    assert found.rows["record"].is_unique
    assert len(typed(found, 'format = "wto_rta"')) == len(found.rows)
    ours = {(row.entity, row.kind, row.event_at) for row in found.rows.itertuples()}
    (coded,) = (ROOT / "data/events/mechanisms").glob("*.csv")
    by_hand = [
        row
        for row in cells.DictReader(io.StringIO(coded.read_text(encoding="utf-8")))
        if row["entity"].startswith("rta_")
    ]
    stages = [row for row in by_hand if row["kind"] in ("signed", "operational", "expired")]
    assert len(stages) > 200
    assert all(("_".join(row["entity"].split("_")[:2]), row["kind"], row["event_at"]) in ours for row in stages)
