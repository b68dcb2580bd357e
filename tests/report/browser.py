"""A browser that is off the net, and notes all that a page asks for or complains of."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from forecast.report import figures, html

CHROMIUM = Path("/usr/bin/chromium")
VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
COME_ALIVE = """
async () => {
  document.documentElement.style.scrollBehavior = "auto";
  for (const drawing of document.querySelectorAll(".drawing")) {
    drawing.parentElement.scrollIntoView();
    for (let tries = 0; tries < 300 && !drawing.classList.contains("still"); tries += 1)
      await new Promise((done) => setTimeout(done, 10));
  }
  scrollTo(0, 0);
}
"""
browsing = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@dataclass
class Visit:
    """A page that was opened, and what it asked for and complained of meanwhile."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def come_alive(self) -> None:
        """Bring every figure before the window, and wait until its chart is live."""
        self.page.evaluate(COME_ALIVE)

    def violations(self) -> list[str]:
        """List the directives of the content policy that the page offended."""
        return list(self.page.evaluate("window.violations"))

    def pointed(self, marks: Any) -> str:
        """Point at a mark, and read what it tells."""
        marks.scroll_into_view_if_needed()
        box = marks.bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.wait_for_selector(".vg-tooltip.visible", timeout=5000)
        return str(self.page.inner_text(".vg-tooltip"))


@contextmanager
def launched() -> Iterator[Any]:
    """Start Chromium, for as many visits as one likes: each begins as if there had been no other."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Any, path: Path, width: int = 1200, scheme: str = "light", scripts: bool = True
) -> Iterator[Visit]:
    """Open a file in the browser, in a time zone in which a day begins later than in Greenwich."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        offline=True,
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="America/Los_Angeles",
        java_script_enabled=scripts,
    )
    context.add_init_script(VIOLATIONS)
    visit = Visit(context.new_page())
    visit.page.on("console", lambda message: visit.complaints.append(message.text))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
    visit.page.on("request", lambda request: visit.asked.append(request.url))
    visit.page.goto(path.as_uri())
    yield visit
    context.close()


def rendered(data: dict[str, Any]) -> str:
    """Render a report's JSON as the page that a run would leave."""
    found = [block for section in data["sections"] for block in section["blocks"] if block["type"] == "figure"]
    return html.render(json.loads(json.dumps(data)), {one["id"]: figures.svg(one["chart"]) for one in found})
