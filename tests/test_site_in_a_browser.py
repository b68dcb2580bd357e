"""The site in a browser that is off the net: nothing asked, nothing complained of, choices that add up."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast import site
from forecast.ledger import Ledger
from forecast.site.addresses import HOME, QUESTIONS, RECORD, of_issue, of_question
from tests.report.browser import browsing, visiting
from tests.site_book import book_at, facts, rounds


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return book_at(tmp_path_factory.mktemp("book") / "book.db")


@pytest.fixture(scope="module")
def folder(book: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("site")
    for name, content in site.pages(book.rows()):
        (found / name).write_bytes(content)
    return found


@pytest.mark.parametrize(("width", "scheme"), [(380, "dark"), (1280, "light")])
class TestBrowser:
    pytestmark = browsing

    def test_pages_ask_for_nothing_complain_of_nothing_and_fit(
        self, browser: Any, folder: Path, width: int, scheme: str
    ) -> None:
        for name in (HOME, RECORD, of_question("ships/1/30d"), of_issue("beta", date(2019, 3, 15))):
            with visiting(browser, folder / name, width, scheme) as visit:
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
                visit.page.evaluate("document.fonts.ready")
                assert visit.page.evaluate("document.fonts.check(\"17px 'Source Sans 3'\")")
                assert visit.asked == [(folder / name).as_uri()]
                assert visit.complaints == []
                assert visit.violations() == []

    @pytest.mark.slow
    def test_axe_finds_nothing_serious(self, browser: Any, folder: Path, width: int, scheme: str) -> None:
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
        for name in (HOME, RECORD, of_question("ships/1/30d"), of_issue("beta", date(2019, 3, 15)), QUESTIONS):
            with visiting(browser, folder / name, width, scheme) as visit:
                found = axe.Axe().run(visit.page).response["violations"]
            assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == [], name


class TestFilters:
    pytestmark = browsing

    def test_sums_of_what_is_chosen_are_exact(self, browser: Any, book: Ledger, folder: Path) -> None:
        some = [fact for fact in facts(book) if fact.live and fact.outcome != "open"]
        with visiting(browser, folder / RECORD) as visit:
            section = visit.page.locator("#sums-live")
            for domain, models, year in (
                ("all", "all", "2019"),
                ("At sea", "watch", "2019"),
                ("Markets", "all", "2019"),
            ):
                section.get_by_label("Domain").select_option(domain)
                section.get_by_label("models").select_option(models)
                section.get_by_label("from").select_option(year)
                chosen = [
                    fact
                    for fact in some
                    if domain in ("all", fact.asked["domain"].replace("_", " ").capitalize())
                    and models in ("all", "+".join(fact.says["models"]))
                    and fact.says["as_of"] >= year
                ]
                known = [fact for fact in chosen if fact.outcome != "void"]
                told = section.get_by_role("status").inner_text()
                assert f"{len(known)} came out, {len(chosen) - len(known)} void" in told
                mine, usual = (sum(fact.brier(name) for fact in known) for name in ("probability", "baseline"))
                score, base, skill = re.findall(r"[+−]?\d+\.\d+", told)
                assert rounds(score, mine / len(known))
                assert rounds(base, usual / len(known))
                assert rounds(skill, 1 - mine / usual, 100)
                assert section.locator("tbody tr:visible").count() > 0
            assert visit.complaints == []

    def test_without_scripts_sums_are_a_table(self, browser: Any, folder: Path) -> None:
        with visiting(browser, folder / RECORD, scripts=False) as visit:
            assert visit.page.locator("#sums-live select").count() == 0
            assert visit.page.locator("#sums-live tbody tr:visible").count() > 2

    def test_questions_are_searched_and_lead_to_their_pages_and_back(self, browser: Any, folder: Path) -> None:
        with visiting(browser, folder / HOME) as visit:
            visit.page.get_by_role("link", name="All questions").click()
            visit.page.fill("#search", "ships/3")
            links = visit.page.locator("tbody a:visible")
            assert links.all_inner_texts() == ["ships/3/30d", "ships/3/90d"]
            links.first.click()
            assert visit.page.inner_text("h1") == "ships/3/30d"
            visit.page.locator("#forecasts tbody a").first.click()
            assert visit.page.inner_text("h1") == "alpha, as of 15 July 2018"
            visit.page.get_by_role("link", name="Issue after").click()
            assert visit.page.inner_text("h1") == "alpha, as of 15 August 2018"
            assert visit.complaints == []
