"""The HTML face in a browser: live charts, tables that answer, nothing asked of any network, usable without a mouse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Reported
from tests.report.browser import Visit, browsing, rendered, visiting
from tests.report.made import HOSTILE, report

SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(rendered(report()), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Any, path: Path) -> Iterator[Visit]:
    """The page with all its charts live; nothing may have been asked or complained of when the test is over."""
    with visiting(browser, path) as visit:
        visit.come_alive()
        yield visit
        assert visit.asked == [path.as_uri()]
        assert visit.complaints == []
        assert visit.violations() == []


def shown(visit: Visit) -> list[str]:
    return [
        row.strip()
        for row in visit.page.locator("table[data-searchable] tbody th[scope=row]:visible").all_inner_texts()
    ]


@pytest.mark.parametrize(("width", "scheme"), [(380, "dark"), (800, "light"), (1600, "dark")])
class TestRealReport:
    pytestmark = browsing

    def test_it_asks_for_nothing_complains_of_nothing_and_fits(
        self, browser: Any, reported: Reported, width: int, scheme: str
    ) -> None:
        (path,) = (reported.desk / "reports").glob("quick/*/report.html")
        with visiting(browser, path, width, scheme) as visit:
            visit.come_alive()
            drawings = visit.page.locator(".drawing").count()
            assert drawings > 10
            assert visit.page.locator(".drawing.still").count() == drawings
            assert visit.page.locator(".live svg").count() >= drawings
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            visit.page.fill("#search", "Ships")
            assert 0 < len(shown(visit)) < visit.page.locator("table[data-searchable] tbody tr:not(.group)").count()
            assert visit.asked == [path.as_uri()]
            assert visit.complaints == []
            assert visit.violations() == []


class TestCharts:
    pytestmark = browsing

    def test_a_mark_tells_its_exact_values(self, visit: Visit) -> None:
        told = visit.pointed(visit.page.locator("figure", has_text="bars").locator(".picture .mark-rect path").nth(1))
        assert HOSTILE in told
        for exact in ("2019-02-01", "2019-03-01", "12,345", "6,172.5", "24,690"):
            assert exact in told
        visit.page.keyboard.press("Escape")
        assert visit.page.locator(".vg-tooltip.visible").count() == 0

    def test_a_line_tells_the_value_that_is_pointed_at(self, visit: Visit) -> None:
        points = visit.page.locator("figure", has_text="bars").locator(".picture .mark-symbol path")
        assert "7.25" in visit.pointed(points.nth(2))

    def test_a_legend_filters_with_the_mouse_and_with_the_keyboard(self, visit: Visit) -> None:
        dots = visit.page.locator("figure", has_text="dots")
        marks = dots.locator(".picture .mark-symbol path")
        assert marks.count() == 6
        dots.get_by_label("one", exact=True).click()
        visit.page.wait_for_timeout(100)
        assert marks.count() == 4
        dots.get_by_label(HOSTILE).focus()
        visit.page.keyboard.press("Space")
        visit.page.wait_for_timeout(100)
        assert marks.count() == 2
        dots.get_by_label("one", exact=True).click()
        visit.page.wait_for_timeout(100)
        assert marks.count() == 4

    def test_an_input_of_a_chart_chooses_what_it_shows(self, visit: Visit) -> None:
        dots = visit.page.locator("figure", has_text="dots")
        first = dots.locator(".picture .mark-symbol path").first
        assert "11.5" in visit.pointed(first)
        dots.get_by_label("horizon").select_option("90 days")
        visit.page.wait_for_timeout(100)
        assert "14" in visit.pointed(dots.locator(".picture .mark-symbol path").first)

    def test_the_keyboard_reaches_all_that_can_be_used_and_shows_where_it_is(self, browser: Any, path: Path) -> None:
        with visiting(browser, path) as visit:
            visit.page.wait_for_selector(".live fieldset")
            visit.page.keyboard.press("Tab")
            assert visit.page.evaluate("document.activeElement.className") == "skip"
            visit.page.keyboard.press("Enter")
            reached: list[str] = []
            while "body" not in reached and len(reached) < 40:
                visit.page.keyboard.press("Tab")
                reached.append(visit.page.evaluate("document.activeElement.type || document.activeElement.localName"))
                outline = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none" or reached[-1] == "body"
        assert set(reached) >= {"search", "select-one", "button", "a", "checkbox", "summary"}

    def test_print_shows_the_drawing_and_the_screen_the_live_chart(self, visit: Visit) -> None:
        still, alive = visit.page.locator(".drawing").first, visit.page.locator(".live").first
        assert (still.is_visible(), alive.is_visible()) == (False, True)
        visit.page.emulate_media(media="print")
        assert (still.is_visible(), alive.is_visible()) == (True, False)

    def test_a_chart_gives_up_width_on_a_small_screen_and_keeps_its_letters(self, browser: Any, path: Path) -> None:
        with visiting(browser, path, 380) as visit:
            visit.come_alive()
            label = visit.page.locator("figure", has_text="bars").locator(".picture text", has_text="10,000")
            assert label.bounding_box()["height"] > 12
            room = visit.page.locator(".picture").first.evaluate("part => part.scrollWidth - part.clientWidth")
            assert room == 0

    def test_without_scripts_the_drawing_is_shown(self, browser: Any, path: Path) -> None:
        with visiting(browser, path, scripts=False) as visit:
            assert visit.page.locator(".drawing svg").first.is_visible()
            assert visit.page.locator(".live").count() == 0
            assert visit.complaints == []


class TestTables:
    pytestmark = browsing

    def test_rows_are_searched_grouped_and_counted(self, visit: Visit) -> None:
        assert len(shown(visit)) == 3
        visit.page.fill("#search", "attacked")
        assert shown(visit) == ["Ships attacked", "Oil attacked"]
        visit.page.fill("#search", "")
        group = visit.page.get_by_role("combobox", name="of", exact=True)
        assert group.locator("option").all_inner_texts() == ["all", "Attacks", HOSTILE]
        group.focus()
        visit.page.keyboard.press("End")
        assert shown(visit) == [HOSTILE]
        assert visit.page.locator("tr.group:visible").all_inner_texts() == [HOSTILE]
        assert visit.page.get_by_role("status").inner_text() == "1 of 3"

    def test_columns_sort_by_number_and_by_the_last_value_drawn(self, visit: Visit) -> None:
        visit.page.get_by_role("button", name="p", exact=True).click()
        assert shown(visit) == ["Oil attacked", "Ships attacked", HOSTILE]
        heading = visit.page.locator("th", has=visit.page.get_by_role("button", name="path"))
        heading.get_by_role("button").click()
        assert shown(visit) == ["Ships attacked", "Oil attacked", HOSTILE]
        heading.get_by_role("button").click()
        assert heading.get_attribute("aria-sort") == "descending"
        assert visit.page.locator("th[aria-sort]").count() == 1
        assert shown(visit)[0] == "Oil attacked"

    def test_a_link_leads_within_the_page_or_out_of_it_and_nowhere_else(self, visit: Visit) -> None:
        links = visit.page.locator("table[data-searchable] a")
        assert [link.get_attribute("href") for link in links.all()] == ["#figures", "https://example.org/a"]
        assert links.nth(1).get_attribute("rel") == "noopener noreferrer"

    def test_a_drawn_cell_is_words_for_those_who_cannot_see(self, visit: Visit) -> None:
        cell = visit.page.locator("td[data-sort]").first
        assert cell.inner_text().strip() == "5 % to 12 %"
        assert cell.locator("svg").get_attribute("aria-hidden") == "true"
        assert cell.locator("svg").bounding_box()["width"] == 90


def barriers(browser: Any, path: Path, width: int, scheme: str) -> list[tuple[str, str]]:
    """List what axe holds to be serious, with where it stands first."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    with visiting(browser, path, width, scheme) as visit:
        visit.come_alive()
        found = axe.Axe().run(visit.page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found if rule["impact"] in SERIOUS]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1200])
class TestAccess:
    pytestmark = browsing

    def test_axe_finds_nothing_serious(self, browser: Any, path: Path, width: int, scheme: str) -> None:
        assert barriers(browser, path, width, scheme) == []

    @pytest.mark.slow
    def test_axe_finds_nothing_serious_in_a_real_report(
        self, browser: Any, reported: Reported, width: int, scheme: str
    ) -> None:
        (path,) = (reported.desk / "reports").glob("quick/*/report.html")
        assert barriers(browser, path, width, scheme) == []


def test_a_page_is_small_enough_to_send(reported: Reported) -> None:
    (path,) = (reported.desk / "reports").glob("quick/*/report.html")
    assert path.stat().st_size < 3_000_000
    charts = path.read_text(encoding="utf-8").partition('id="charts"')[2].partition(">")[2].partition("</script>")[0]
    assert len(json.loads(charts)) > 10
