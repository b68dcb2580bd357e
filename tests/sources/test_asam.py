"""ASAM: answers and downloads alike, positions in degrees, minutes and seconds, messages that stand there twice."""

import csv
import gzip
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import DataError
from forecast.sources import asam
from tests.sources.test_ucdp_ged import accepted

NAMES = ["reference", "date", "latitude", "longitude", "position", "navArea", "subreg", "hostility", "victim"]
NAMES += ["description"]
DOWNLOADED = [name for name in NAMES if name not in asam.DEGREES]
MESSAGE = {
    "reference": "2021-901",
    "date": "2021-03-04",
    "latitude": "26.50833",
    "longitude": "-56.25000",
    "position": "26°30'30\"N \n56°15'00\"W",
    "navArea": "IX",
    "subreg": "62",
    "hostility": "Boarding",
    "victim": "Tanker BEE",
    "description": "Two robbers boarded the tanker BEE at anchor.",
}


def download(*changes: dict[str, str], names: list[str] = NAMES) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (dict(zip(names, names, strict=True)), *(MESSAGE | change for change in changes)):
        writer.writerow([row[name] for name in names])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def answer(*changes: dict[str, object]) -> bytes:
    return json.dumps({"asam": [MESSAGE | change for change in changes]}).encode()


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as refusal:
        asam.parse(content, "asam")
    return str(refusal.value)


def test_a_message_becomes_a_row_of_the_one_table() -> None:
    delivery = asam.parse(download({}, {"reference": "2021-902"}), "asam")
    row = accepted(delivery, "asam").iloc[0]
    assert (row["record"], row["kind"], row["entity"]) == ("2021-901", "ship_attack", "NAVIX")
    assert (row["event_at"], row["lat"], row["lon"]) == (pd.Timestamp("2021-03-04"), 26.50833, -56.25)
    assert (row["position"], row["victim"]) == ("26°30'30\"N 56°15'00\"W", "Tanker BEE")
    assert list(delivery.rows.index) == [2, 4]
    assert "known_at" not in delivery.rows


def test_all_layouts_say_the_same() -> None:
    changes: list[dict[str, str]] = [{}, {"reference": "2021-902", "victim": ""}]
    wanted = asam.parse(download(*changes), "asam")
    others = [
        asam.parse(download(*changes, names=DOWNLOADED), "asam"),
        asam.parse(answer({}, {"reference": "2021-902", "victim": None}), "asam"),
        asam.parse(nameless(download(*changes, names=DOWNLOADED)), "asam"),
    ]
    for delivery in others:
        pd.testing.assert_frame_equal(
            delivery.rows.reset_index(drop=True), wanted.rows.reset_index(drop=True), check_like=True
        )
    layouts = [delivery.layout for delivery in (wanted, *others)]
    assert layouts == [f"ASAM, {words} columns" for words in ("CSV, 10", "CSV, 8", "JSON, 10", "CSV, 8")]


def nameless(content: bytes, last: bytes = b"") -> bytes:
    """End each record in one more comma, as downloads do."""
    head, body = content.split(b"\n", 1)
    return head + b",\n" + body.replace(b"anchor.\n", b"anchor.," + last + b"\n")


def test_a_nameless_column_that_says_something_is_refused() -> None:
    assert "the last column has no name" in refused(nameless(download({}), b"more"))


@pytest.mark.parametrize(
    ("position", "lat", "lon"),
    [
        ("12°33'00\"N 43°31'00\"E", "12.55000", "43.51667"),
        ("1°07'00\"S\n103°30'00\"W", "-1.11667", "-103.50000"),
        ("5°60'00\"N 0°02'010\"W", "6.00000", "-0.03611"),
        ("46°37'50.89\"N 31°35'01.64\"E", "46.63080", "31.58379"),
        ("0°00'00\"N 180°00'00\"E", "0.00000", "180.00000"),
    ],
)
def test_positions_become_degrees(position: str, lat: str, lon: str) -> None:
    row = asam.parse(download({"position": position}, names=DOWNLOADED), "asam").rows.iloc[0]
    assert (row["lat"], row["lon"]) == (lat, lon)


def test_the_subregion_stands_in_where_no_area_is_given() -> None:
    rows = asam.parse(download({"navArea": ""}, {"navArea": "XI", "reference": "2"}), "asam").rows
    assert list(rows["entity"]) == ["SUB62", "NAVXI"]


def test_a_message_that_stands_there_twice_is_taken_once_and_said() -> None:
    delivery = asam.parse(download({}, {}), "asam")
    assert len(delivery.rows) == 1
    assert delivery.notes == ("line 4: `2021-901` stands there twice",)


def test_two_messages_of_one_number_are_not_one() -> None:
    delivery = asam.parse(download({}, {"victim": "Tanker BEA"}), "asam")
    assert list(delivery.rows["record"]) == ["2021-901"] * 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"date": "4 March 2021"}, "`date` is '4 March 2021'"),
        ({"navArea": "IIX"}, "`navArea` is 'IIX'"),
        ({"subreg": "sixty-two"}, "`subreg` is 'sixty-two'"),
        ({"navArea": "", "subreg": ""}, "neither `navArea` nor `subreg`"),
        ({"position": "26-30N 56-15E"}, "`position` is '26-30N 56-15E'"),
        ({"position": "96°30'00\"N 56°15'00\"E"}, "`position` is"),
        ({"position": "26°70'00\"N 56°15'00\"E"}, "`position` is"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(changes: dict[str, str], says: str) -> None:
    text = refused(download({}, changes, names=DOWNLOADED))
    assert says in text
    assert "line 4" in text


def test_columns_that_are_missing_or_not_known_are_refused() -> None:
    names = [name for name in NAMES if name != "longitude"]
    assert "`longitude` is not there" in refused(download({}, names=names))
    assert "`weather` is not known" in refused(answer({"weather": "calm"}))


def test_a_file_that_was_cut_is_refused() -> None:
    assert "where:" in refused(download({}, {})[:-60])
    assert "not valid JSON" in refused(answer({})[:-10])
    assert "no messages under `asam`" in refused(b'{"asam": []}')


def test_the_whole_series_is_read_and_its_positions_are_those_that_were_parsed_before() -> None:
    path = Path(__file__).parents[2] / ".." / "shared" / "data" / "raw" / "attacks" / "asam_1978_2022.csv.gz"
    if not path.exists():
        pytest.skip("other people's files are not part of the repository")
    content = gzip.decompress(path.read_bytes())
    delivery = asam.parse(content, path.name)
    assert len(delivery.rows) == 8640
    assert len(delivery.notes) == 2
    assert len(accepted(delivery, "asam")) == 8640
    read = pd.DataFrame([asam._position(cell) for cell in delivery.rows["position"]], dtype="float64").to_numpy()
    assert abs(read - delivery.rows[["lat", "lon"]].astype("float64").to_numpy()).max() < 1e-4
