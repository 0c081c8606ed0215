"""What is wrong with a page as it stands in the browser: axe, overflow, shifts, console, policy, requests."""

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
MOST_SHIFT = 0.02
GRAVE = {"serious", "critical"}
OF_COLOUR = ("color-contrast", "link-in-text-block")  # what a theme can break that another has right

# runs before the page's own scripts
WATCH = """
window.seen = { shift: 0, shifted: [], refused: [], asked: 0 };
const ask = window.fetch;
window.fetch = (...how) => {
  window.seen.asked += 1;
  return ask(...how).finally(() => (window.seen.asked -= 1));
};
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    if (one.hadRecentInput) continue;
    window.seen.shift += one.value;
    for (const source of one.sources ?? [])
      window.seen.shifted.push(
        `${source.node?.className || source.node?.nodeName} y ${source.previousRect.y}→${source.currentRect.y}`);
  }
}).observe({ type: 'layout-shift', buffered: true });
addEventListener('securitypolicyviolation', (event) =>
  window.seen.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# holds each answer back for 0.3 to 0.8 s, so that answers come in another order than they were asked for
LATE = """
{
  let state = SEED;
  const share = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const ask = window.fetch;
  window.fetch = async (...how) => {
    const wait = 300 + 500 * share();
    await new Promise((done) => setTimeout(done, wait));
    return ask(...how);
  };
}
"""
WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .slice(0, 3)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
}
"""


class Witness:
    """Collects what goes wrong in a page from now on."""

    def __init__(self, page: Page, expected: frozenset[int], *, late: int | None = None) -> None:
        """`late` is a number that gives answers an order in which they come late; None lets them come."""
        self._page = page
        self._expected = expected
        self._told: set[str] = set()
        self.found: list[str] = []
        if late is not None:
            page.add_init_script(LATE.replace("SEED", str(1 + late)))
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("response", self._response)
        page.on("crash", lambda _: self.found.append("the page crashed"))

    def _console(self, message: ConsoleMessage) -> None:
        # what the browser says of answers with an error status is told by `_response`
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.found.append(f"console: {message.text[:200]}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.found.append(f"{response.status}: {response.request.method} {response.url[:160]}")

    def findings(self, *, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> list[str]:
        """All that has been found, and what the page's state shows; of axe's rules all, or some. Each is told once."""
        found = [*self._state(), *axe(self._page, only, without)]
        fresh = [one for one in found if one not in self._told]
        self._told.update(fresh)
        return fresh

    def _state(self) -> list[str]:
        seen: dict[str, Any] = self._page.evaluate("window.seen")
        found = [*self.found, *(f"policy: {one}" for one in seen["refused"])]
        if seen["shift"] >= MOST_SHIFT:
            found.append(f"shift: {seen['shift']:.3f} of {', '.join(dict.fromkeys(seen['shifted']))[:160]}")
        found += [f"overflow: {one}" for one in self._page.evaluate(WIDE)]
        return found


def axe(page: Page, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> list[str]:
    """Findings of the rules for WCAG 2.2 AA that are serious or critical."""
    page.evaluate(AXE.read_text())
    wish: dict[str, Any] = {"resultTypes": ["violations"]}
    if without:
        wish["rules"] = {rule: {"enabled": False} for rule in without}
    if only:
        wish["runOnly"] = {"type": "rule", "values": list(only)}
    result: dict[str, Any] = page.evaluate("wish => axe.run(wish)", wish)
    return [
        f"axe {one['id']}: {one['nodes'][0]['html'][:140]} ({len(one['nodes'])}×)"
        for one in result["violations"]
        if one["impact"] in GRAVE
    ]
