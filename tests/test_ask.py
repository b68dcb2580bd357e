"""One question from the command line: the report's own answer, or one under conditions, or a clean refusal."""

import json
from typing import Any

import pytest

from forecast import output, reply
from forecast.desk import Desk
from forecast.errors import UsageError
from forecast.predict import Reply
from forecast.scenarios import FLOOR
from tests.conftest import Command, Reported
from tests.test_cli import refused

ATTACK = "attack target=oil_infrastructure in 90 days"
OUTAGE = "outage value>=500 in 90 days"
ALWAYS = {
    *(
        "question",
        "text",
        "rules",
        "as_of",
        "opens",
        "closes",
        "settles",
        "given",
        "suppose",
        "probability",
        "interval",
    ),
    *("baseline", "baseline_interval", "benchmark", "past", "futures", "models"),
}
UNLIKE = {
    *("unconditional", "unconditional_interval", "difference", "difference_interval", "condition", "joint"),
}


@pytest.fixture(scope="module")
def desk(reported: Reported) -> Desk:
    """A desk that has read its events once."""
    return Desk(reported.desk)


def asked(desk: Desk, question: str, *given: str, suppose: tuple[str, ...] = (), draws: int = 0) -> Reply:
    return desk.ask(question, "quick", None, given, suppose, draws)


def told(desk: Desk, question: str, *given: str, **options: Any) -> dict[str, Any]:
    return reply.document(asked(desk, question, *given, **options))


def refusal(desk: Desk, question: str, *given: str, **options: Any) -> str:
    with pytest.raises(UsageError) as found:
        asked(desk, question, *given, **options)
    assert found.value.exit_code == 2
    return str(found.value)


def test_json_on_stdout_is_one_document_of_the_report_s_own_forecast(desk: Desk, command: Command) -> None:
    """To the last digit, of a question that is named with its date or without."""
    written = (desk.root / "reports/quick/2019-05-17/report.json").read_text(encoding="utf-8")
    forecasts = {one["id"]: one for one in json.loads(written)["forecasts"]}
    condition, put = "attack in 30 days", "us_deployment entity=USA direction=escalation on 2019-06-01"
    named = ("--brief", "quick", "--json", "--given", condition, "--suppose", put)
    done = command("ask", "brent-up/0.1/60d", *named, at=desk.root)
    assert done.returncode == 0, done.stderr
    assert "8,707 events known" in done.stderr
    found = json.loads(done.stdout)
    assert set(found) == ALWAYS | UNLIKE | {"schema_version"}
    assert told(desk, "brent-up/0.1/60d/2019-05-17", condition, suppose=(put,)) == {
        name: found[name] for name in ALWAYS | UNLIKE
    }
    for name in ("brent-up/0.1/60d/2019-05-17", "any-sau-are/1/30d/2019-05-17"):
        one, other = forecasts[name], told(desk, name)
        assert other["question"] == name
        for key in ("text", "opens", "closes", "probability", "interval", "baseline", "baseline_interval", "benchmark"):
            assert other[key] == one[key], key


def test_an_answer_says_under_what_it_holds_and_how_it_would_resolve(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    put = "us_deployment entity=USA direction=escalation on 2019-06-01"
    reply.told(asked(desk, ATTACK, OUTAGE, suppose=(put,))).show()
    said = capsys.readouterr().out
    lines = dict(line.split(maxsplit=1) for line in said.splitlines())
    assert said.splitlines()[0] == ATTACK
    assert lines["given"] == OUTAGE
    assert lines["suppose"] == put
    for name in ("probability", "difference", "condition", "both", "base", "futures"):
        assert name in lines
    assert "target = oil_infrastructure" in said
    assert "the day before 2019-08-15" in said


def test_a_document_holds_what_is_printed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(desk, ATTACK, OUTAGE)
    document = reply.document(found)
    assert set(document) == ALWAYS | UNLIKE
    output.say(reply.told(found), json=True)
    assert json.loads(capsys.readouterr().out) == {"schema_version": 1, **document}
    reply.told(found).show()
    said = capsys.readouterr().out
    assert f"{document['futures']['kept']:,} of {document['futures']['simulated']:,}" in said
    assert (document["given"], document["suppose"]) == ([OUTAGE], [])


def test_given_and_not_given_divide_the_world_as_it_is(desk: Desk) -> None:
    yes, no, plain = (told(desk, ATTACK, *given) for given in ((OUTAGE,), (f"not {OUTAGE}",), ()))
    assert yes["futures"]["kept"] + no["futures"]["kept"] == yes["futures"]["simulated"] == 9600
    assert yes["unconditional"] == no["unconditional"] == plain["probability"]
    assert yes["joint"] + no["joint"] == pytest.approx(plain["probability"], abs=0.01)  # one record is longer
    assert yes["joint"] == pytest.approx(yes["probability"] * yes["condition"], abs=1e-12)
    assert yes["condition"] == told(desk, OUTAGE)["probability"]
    assert yes["difference"] == yes["probability"] - yes["unconditional"]
    assert set(plain) == ALWAYS


def test_what_is_supposed_is_counted(desk: Desk) -> None:
    put = ("attack target=oil_infrastructure on 2019-08-14",)
    found = told(desk, ATTACK, suppose=put)
    assert found["suppose"] == list(put)
    assert found["probability"] > 0.95 > found["unconditional"]
    assert found["joint"] is None
    late = told(desk, ATTACK, suppose=("attack target=oil_infrastructure on 2019-08-15",))
    assert late["probability"] == late["unconditional"] == found["unconditional"]


def test_more_futures_are_simulated_in_whole_lots(desk: Desk) -> None:
    found = told(desk, ATTACK, OUTAGE, draws=20_000)
    assert found["futures"]["simulated"] == 28_800
    assert abs(found["probability"] - told(desk, ATTACK, OUTAGE)["probability"]) < 0.05


def test_what_is_too_rare_is_refused_with_so_many_futures_as_do(desk: Desk, command: Command) -> None:
    rare = "attack >= 8 in 30 days"
    said = refused(command("ask", ATTACK, "--given", rare, "--brief", "quick", at=desk.root), 2)
    assert f"{FLOOR} are needed" in said
    assert rare in said
    enough = int(said.split("--draws ")[1])
    found = told(desk, ATTACK, rare, draws=enough)
    assert found["futures"]["simulated"] == enough
    assert found["futures"]["kept"] >= FLOOR


@pytest.mark.parametrize(
    ("question", "given", "suppose", "said"),
    [
        ("atack in 30 days", (), (), "did you mean `attack`"),
        ("brent-up/0.1/6d", (), (), "did you mean `brent-up/0.1/60d`"),
        ("attack tarrget=oil_infrastructure in 30 days", (), (), "did you mean `target`"),
        ("attack in 30 days", ("outge in 30 days",), (), "did you mean `outage`"),
        ("attack in 30 days", ("not brent-up/0.1/6d",), (), "did you mean `brent-up/0.1/60d`"),
        ("attack in 30 days", (), ("atack on 2019-06-01",), "did you mean `attack`"),
        ("attack in 30 days", (), ("attack tarrget=x on 2019-06-01",), "did you mean `target`"),
        ("attack in 30 days", (), ("attack killed=many on 2019-06-01",), "`many` cannot stand in the column `killed`"),
        ("attack in 30 days", (), ("attack event_at=2010-01-01 on 2019-06-01",), "`event_at`"),
        ("attack in 30 days", (), ("attack on 2019-05-16",), "past on 2019-05-17"),
        ("rise close >= 0.1 in 30 days", (), ("close entity=brent value=100 on 2019-06-03",), "`close` is a series"),
        ("attack from 2019-01-01 to 2019-03-01", (), (), "past on 2019-05-17"),
        ("attack in 30", (), (), "does not say when"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    desk: Desk, question: str, given: tuple[str, ...], suppose: tuple[str, ...], said: str
) -> None:
    assert said in refusal(desk, question, *given, suppose=suppose)


def test_a_question_that_opened_before_is_answered_from_what_has_happened_too(desk: Desk) -> None:
    happened = told(desk, "attack from 2019-05-01 to 2019-06-01")
    assert happened["opens"] == "2019-05-01"
    assert happened["probability"] > 0.98  # attacks of the first half of May are on record
