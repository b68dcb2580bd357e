"""The site: what the book says and nothing else, whole or not at all, and usable by anybody, off the net."""

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html as lxml_html

from forecast import site
from forecast.ledger import Ledger
from forecast.report import words
from forecast.site.addresses import HOME, QUESTIONS, RECORD, of_issue, of_question
from tests.report import linter
from tests.report.test_faces import PAYLOADS
from tests.site_book import LATER, Fact, book_at, facts, rounds, tables

Pages = dict[str, bytes]
LIVE, BACKTESTS = "live", "backtests"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return book_at(tmp_path_factory.mktemp("book") / "book.db")


@pytest.fixture(scope="module")
def pages(book: Ledger) -> Pages:
    return dict(site.pages(book.rows()))


def test_the_same_book_gives_the_same_bytes(book: Ledger, pages: Pages) -> None:
    assert dict(site.pages(book.rows())) == pages
    assert len(list(site.pages(book.rows()))) == len(pages)


def check_row(row: dict[str, str], fact: Fact) -> None:
    p, (low, high) = fact.says["probability"], fact.says["interval"]
    assert rounds(row["probability"], p, 100)
    ends = row["90 % interval"].split(" – ")
    assert rounds(ends[0], low, 100)
    assert rounds(ends[-1], high, 100)
    assert row["in words"] == (words.word(p) or "–")
    assert rounds(row["base rate"], fact.says["baseline"], 100)
    assert row["came out"] == fact.outcome
    assert row["closes"] == fact.asked["closes"]


def check_scores(row: dict[str, str], fact: Fact) -> None:
    if fact.outcome in ("void", "open"):
        assert (row["Brier score"], row["of the base rate"]) == ("–", "–")
        return
    assert rounds(row["Brier score"], fact.brier("probability"))
    assert rounds(row["of the base rate"], fact.brier("baseline"))


def test_every_forecast_stands_on_the_pages_of_its_issue_and_of_its_question(book: Ledger, pages: Pages) -> None:
    for fact in facts(book):
        brief, day = fact.says["brief"], fact.says["as_of"]
        (rows,) = tables(pages[of_issue(brief, day)])
        (row,) = [row for row in rows if row["question"] == fact.asked["text"]]
        check_row(row, fact)
        check_scores(row, fact)
        (rows,) = tables(pages[of_question(fact.series)], "forecasts")
        (row,) = [row for row in rows if row["row"] == f"{fact.row:,}"]
        check_row(row, fact)
        check_scores(row, fact)
        assert (row["as of"], row["made"]) == (day, "live" if fact.live else "backtest")


def test_no_page_holds_a_forecast_that_the_book_does_not(book: Ledger, pages: Pages) -> None:
    told = facts(book)
    rows = {name: sum(map(len, tables(page, "forecasts"))) for name, page in pages.items()}
    assert sum(number for name, number in rows.items() if name.startswith("issue-")) == len(told)
    assert sum(number for name, number in rows.items() if name.startswith("question-")) == len(told)


def test_the_first_page_holds_the_newest_issues_and_the_head(book: Ledger, pages: Pages) -> None:
    told = facts(book)
    for place, brief in enumerate(("alpha", "beta"), 1):
        days = sorted({fact.says["as_of"] for fact in told if fact.says["brief"] == brief})
        now, before = (
            {fact.series: fact for fact in told if (fact.says["brief"], fact.says["as_of"]) == (brief, day)}
            for day in (days[-1], days[-2])
        )
        (rows,) = tables(pages[HOME], f"newest-{place}")
        texts = {fact.asked["text"]: fact for fact in now.values()}
        assert [row["question"] for row in rows] == list(texts)
        for row in rows:
            fact = texts[row["question"]]
            check_row(row, fact)
            moved = fact.says["probability"] - before[fact.series].says["probability"]
            assert rounds(row["since the issue before"], moved, 100)
            first, last = re.findall(r"([<>]?[\d.]+ %)", row["issue by issue"])
            assert rounds(last, fact.says["probability"], 100)
            path = [one.says["probability"] for one in told if (one.series, one.says["brief"]) == (fact.series, brief)]
            assert rounds(first, path[0], 100)
    head = book.head()
    assert f"--head {head.sequence}:{head.seal}" in pages[HOME].decode()


def test_a_question_that_was_not_asked_before_has_not_moved(book: Ledger, pages: Pages) -> None:
    """In the ninth month only eight were asked."""
    (rows,) = tables(pages[of_issue("beta", date(2019, 4, 15))])
    assert [row["since the issue before"] == "–" for row in rows] == [False] * 6 + [False, False] + [True] * 4


@pytest.mark.parametrize("live", [True, False])
def test_live_and_backtests_stand_apart_with_all_that_is_void(book: Ledger, pages: Pages, live: bool) -> None:
    some = [fact for fact in facts(book) if fact.live == live and fact.outcome != "open"]
    known = [fact for fact in some if fact.outcome != "void"]
    name = LIVE if live else BACKTESTS
    skills, *_, misses = tables(pages[RECORD], name)
    (whole,) = [row for row in skills if row["models"] == "all"]
    assert (whole["came out"], whole["void"]) == (f"{len(known):,}", f"{len(some) - len(known):,}")
    assert len(some) > len(known) > 30
    assert rounds(whole["Brier"], sum(fact.brier("probability") for fact in known) / len(known))
    by_family = [row for row in skills if row["models"] != "all"]
    assert sum(int(row["came out"]) for row in by_family) == len(known)
    assert all("[" in row["skill over the base rate"] for row in skills)
    worst = sorted((fact.brier("probability") for fact in known), reverse=True)
    assert len(misses) == 15
    assert all(rounds(row["Brier"], score) for row, score in zip(misses, worst, strict=False))
    (cells,) = tables(pages[RECORD], f"sums-{name}")
    for cell in cells:
        mine = [
            fact
            for fact in some
            if fact.asked["domain"] == cell["domain"].lower().replace(" ", "_")
            and "+".join(fact.says["models"]) == cell["models"]
            and fact.says["as_of"][:4] == cell["year"]
        ]
        scored = [fact for fact in mine if fact.outcome != "void"]
        assert (int(cell["came out"]), int(cell["void"])) == (len(scored), len(mine) - len(scored))
        assert rounds(cell["sum of Brier scores"], sum(fact.brier("probability") for fact in scored))
        assert rounds(cell["of base rates"], sum(fact.brier("baseline") for fact in scored))
    assert sum(int(cell["came out"]) + int(cell["void"]) for cell in cells) == len(some)


def test_no_sentence_scores_live_forecasts_and_backtests_together(book: Ledger, pages: Pages) -> None:
    told = facts(book)
    for name, some in ((HOME, told), (of_question("talks"), [fact for fact in told if fact.series == "talks"])):
        lines = lxml_html.fromstring(pages[name]).xpath("//ul[@class='status']/li/text()")
        for live, begins in ((True, "Live: "), (False, "Backtests, ")):
            kind = [fact for fact in some if fact.live == live]
            known = [fact for fact in kind if fact.outcome in ("yes", "no")]
            (line,) = [line for line in lines if line.startswith(begins)] if kind else ("",)
            assert f"{len(kind):,} forecasts; came out: " in line or not kind
            for mean, at in zip(re.findall(r"\d\.\d{4}", line), ("probability", "baseline"), strict=bool(known)):
                assert rounds(mean, sum(fact.brier(at) for fact in known) / len(known))


def test_the_list_of_questions_counts_all_that_was_said(book: Ledger, pages: Pages) -> None:
    (rows,) = tables(pages[QUESTIONS])
    told = facts(book)
    assert sorted(row["question"] for row in rows) == sorted({fact.series for fact in told})
    for row in rows:
        outcomes = [fact.outcome for fact in told if fact.series == row["question"]]
        assert int(row["forecasts"]) == len(outcomes)
        assert [int(row[name]) for name in ("yes", "no", "void", "open")] == [
            outcomes.count(name) for name in ("yes", "no", "void", "open")
        ]


def test_the_worst_misses_lead_to_their_questions(pages: Pages) -> None:
    for name in (LIVE, BACKTESTS):
        table = lxml_html.fromstring(pages[RECORD]).xpath(f"//section[@id='{name}']//table")[-1]
        assert len(table.xpath("./tbody/tr/th/a[starts-with(@href, 'question-')]")) == 15


def test_a_book_without_live_forecasts_says_so(tmp_path: Path) -> None:
    rows = book_at(tmp_path / "book.db").rows()
    late = [replace(row, written_at=LATER.isoformat()) for row in rows]
    page = dict(site.pages(late))[RECORD]
    live = lxml_html.fromstring(page).xpath("//section[@id='live']")[0]
    assert "None has come out yet" in live.text_content()
    assert tables(page, LIVE) == []
    assert tables(page, BACKTESTS) != []


def test_every_link_leads_to_a_page_and_an_anchor_and_every_page_is_reached(pages: Pages) -> None:
    trees = {name: lxml_html.fromstring(page) for name, page in pages.items()}
    anchors = {name: set(tree.xpath("//@id")) for name, tree in trees.items()}
    reached, waiting = set(), {HOME}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for href in trees[name].xpath("//a/@href"):
            page, _, anchor = href.partition("#")
            assert (page or name) in pages, href
            assert not anchor or anchor in anchors[page or name], href
            waiting |= {page or name} - reached
    assert reached == set(pages)


@pytest.mark.parametrize("name", ["count", "max", "rise", "standing"])
def test_the_rule_stands_on_its_question_s_page_in_words_and_as_written(pages: Pages, name: str) -> None:
    told = {
        "count": (
            "ships/1/30d",
            "place not harbour; size from 2 and below 9) is at least 0.1",
            "count of (kind = seen | heard",
        ),
        "max": ("talks", "1 and the largest recorded value (kind talk) is less than 7", "and max of (kind = talk) < 7"),
        "rise": (
            "price/3/30d",
            "(entity wheat; kind close) is at least +30 %",
            "rise of (entity = wheat, kind = close) >= 0.3",
        ),
        "standing": ("strikes/1/90d", "comes to at least 100", "standing of (kind = strike) >= 100"),
    }
    series, in_words, written = told[name]
    text = lxml_html.fromstring(pages[of_question(series)]).xpath("//section[@id='rule']")[0].text_content()
    assert in_words in text
    assert written in text
    assert ("in the 30 days from the day on which it is asked" in text) == ("30d" in series)


def test_outcomes_are_marked_in_the_path_and_each_mark_tells_its_numbers(book: Ledger, pages: Pages) -> None:
    for series in {fact.series for fact in facts(book)}:
        told = [fact for fact in facts(book) if fact.series == series]
        marks = lxml_html.fromstring(pages[of_question(series)]).xpath("//figure//*[name() = 'title']/text()")
        assert len(marks) == len(told)
        for fact in told:
            day = words.prose_date(date.fromisoformat(fact.says["as_of"]))
            assert any(
                mark.startswith(f"{day}: {words.percent(fact.says['probability'])},")
                and mark.endswith(f"; {fact.outcome}")
                for mark in marks
            )


def test_the_language_is_that_of_reports(pages: Pages) -> None:
    for name, page in pages.items():
        assert linter.in_page(page) == [], name


def test_pages_are_small_ask_for_nothing_and_allow_nothing(pages: Pages) -> None:
    for page in pages.values():
        text = page.decode()
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
        assert policy is not None
        assert policy[1].startswith("default-src &#39;none&#39;")
        assert "unsafe" not in policy[1]
        assert lxml_html.fromstring(page).xpath("//link | //iframe | //img | //script[@src] | //*[@style]") == []
        assert len(page) < 3_000_000


def test_pages_can_be_read_by_those_who_cannot_see(pages: Pages) -> None:
    titles = [lxml_html.fromstring(page).findtext(".//title") for page in pages.values()]
    assert len(set(titles)) == len(titles)
    for page in pages.values():
        tree = lxml_html.fromstring(page)
        assert tree.get("lang") == "en"
        assert tree.xpath("//body/*[1][self::a]/@href") == ["#content"]
        assert len(tree.xpath("//h1")) == len(tree.xpath("//main")) == len(tree.xpath("//header")) == 1
        levels = [int(head.tag[1]) for head in tree.xpath("//h1 | //h2 | //h3")]
        assert all(after - before <= 1 for before, after in pairwise(levels))
        ids = tree.xpath("//@id")
        assert len(set(ids)) == len(ids)
        names = tree.xpath("//nav/@aria-label")
        assert len(set(names)) == len(names) == len(tree.xpath("//nav"))
        for table in tree.xpath("//table"):
            assert table.xpath("./caption")
            assert table.xpath("./thead//th[@scope='col']")
            assert len(table.xpath("./tbody/tr/th")) == len(table.xpath("./tbody/tr"))
        for figure in tree.xpath("//figure"):
            assert len(figure.xpath(".//*[@role='img']/@aria-label")[0]) > 30
            assert figure.xpath(".//svg/@aria-hidden") == ["true"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_from_the_book_is_only_ever_text(tmp_path: Path, payload: str) -> None:
    book = book_at(tmp_path / "book.db", payload, (payload, f"{payload} too"))
    pages = dict(site.pages(book.rows()))
    shown = re.sub(r"\s+", "", words.visible(payload))
    for name, page in pages.items():
        tree = lxml_html.fromstring(page)
        assert len(tree.xpath("//script")) == 1
        assert [name for element in tree.iter() for name in element.attrib if name.startswith("on")] == []
        assert tree.xpath("//foreignobject | //iframe | //object | //embed | //img") == []
        for href in tree.xpath("//@href"):
            assert re.fullmatch(r"[a-z0-9-]+\.html|#[a-z0-9-]+", href)
        assert re.fullmatch(r"[a-z0-9-]+\.html", name)
        if name != QUESTIONS:
            assert shown in re.sub(r"\s+", "", tree.text_content())
