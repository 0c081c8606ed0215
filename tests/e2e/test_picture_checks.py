"""Each check of `make shots` finds its own fault, and none finds fault with a sound page."""

import pytest
from playwright.sync_api import Page, Route

from tests.shots.checks import OF_COLOUR, Witness

SOUND = "<h1>Issues</h1><p>Nothing is wrong here.</p>"
# what is wrong: the page, and how the finding begins
FAULTS = {
    "a button without a name": (SOUND + "<button></button>", "axe button-name"),
    "grey on white": (SOUND + "<p style='color:#bbb'>hardly to be read</p>", "axe color-contrast"),
    "a line too wide": (SOUND + "<div style='width:2000px'>wide</div>", "overflow: div"),
    "an error in a script": (SOUND + "<script>throw new Error('bad')</script>", "error: bad"),
    "a line in the console": (SOUND + "<script>console.error('bad')</script>", "console: bad"),
    "a picture of another host": (SOUND + "<img alt='' src='https://other.test/a.png'>", "policy: img-src"),
    "a missing picture": (SOUND + "<img alt='' src='/missing.png'>", "404: GET"),
    "content that jumps": (
        "<div id='gap'></div>" + SOUND + "<div style='height:300px'>below</div>"
        "<script>setTimeout(() => { document.getElementById('gap').style.height = '300px' }, 300)</script>",
        "shift: ",
    ),
}  # fmt: skip
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
)


def look_at(page: Page, body: str, *, only: tuple[str, ...] = ()) -> list[str]:
    def answer(route: Route) -> None:
        if route.request.url.endswith(".png"):
            return route.fulfill(status=404, body="")
        html = f"<!doctype html><html lang='en'><title>Issues</title><body><main>{body}</main></body></html>"
        headers = {"Content-Type": "text/html", "Content-Security-Policy": POLICY}
        return route.fulfill(status=200, headers=headers, body=html)

    witness = Witness(page, frozenset())
    page.route("http://pages.test/**", answer)
    page.goto("http://pages.test/")
    page.wait_for_timeout(800)
    return witness.findings(only=only)


def test_a_sound_page_has_no_findings(page: Page) -> None:
    assert look_at(page, SOUND) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(page: Page, fault: str) -> None:
    body, finding = FAULTS[fault]
    found = look_at(page, body)
    assert any(one.startswith(finding) for one in found), found


def test_dark_looks_for_contrast_too(page: Page) -> None:
    body, finding = FAULTS["grey on white"]
    assert any(one.startswith(finding) for one in look_at(page, body, only=OF_COLOUR))
