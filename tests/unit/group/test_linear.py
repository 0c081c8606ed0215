"""No text of 8 KiB makes a pattern slow: four times the text costs about four times the work."""

import time
from collections.abc import Callable

import pytest

from vedette.group.rules.globs import folded_paths, path_glob, text_glob
from vedette.group.v2026_11_01.frames import loosen
from vedette.group.v2026_11_01.names import LANGUAGES, file_name
from vedette.group.v2026_11_01.parametrize import parametrize
from vedette.group.v2026_11_01.wording import captured_keys, reworded

SEEDS = [
    "a", "A", "1", "f", " ", ".", "-", "_", "/", "\\", ":", "=", "@", "$", "#", "<", ">", "(", ")", "[", "]", "{", "}",
    '"', "'", ",", "|", "a.", "1.", "a@", "a-", "-1", "a1", "A1b", "ab:", "::", "1:", "9:9", "[1,", "['a',", '["', '{"',
    "{'", "{'a", '{"a"{', "IN (", "in(", '="', "='", "=T", "00-", "0x", "2024-", "2024-01-01 ", "1/1/", "Mon ",
    "Mon Jan ", "1 Jan ", "://", "a://", "/tmp/", "/home/", "C:\\", "C:\\a\\", "datetime.date(", "eyJ", "eyJa.", "a_1",
    "$$", "$1", "$$Lambda", "CGLIB$$", "$Proxy", "block in ", "_erb__", ".func1", ".1", "__1_", "async ", "new ",
    " [as ", "/<", "operator", "operator<", "<a>", "(a)", "a<", "a(", "{{", "::h", "closure #1 in ", ".cold", "@@A_",
    "Cannot ", "x is not a function. (In ", "JSON", "Unexpected token ", "a captured as ",
    "Object captured as exception", " with keys: ", ", ", "\n", "\r\n", "\x00", "é", "\ud800",
    "class@anonymous", "-ab12cd34", ".3f2a91c0",
]  # fmt: skip


def _cost(work: Callable[[str], object], text: str, times: int = 3) -> float:
    best = 10.0
    for _ in range(times):
        start = time.process_time()
        work(text)
        best = min(best, time.process_time() - start)
    return best


def _slow(work: Callable[[str], object]) -> list[str]:
    """Seeds whose repetition costs more than linear work, by far."""
    found: list[str] = []
    for seed in SEEDS:
        for tail in ("", "!"):
            long = (seed * 8192)[:8192] + tail
            if _cost(work, long, 1) < 0.02:
                continue
            cost = _cost(work, long)
            if cost > 10 * _cost(work, long[:2048] + tail):
                found.append(f"{seed!r} {cost:.3f} s")
    return found


WORK: dict[str, Callable[[str], object]] = {
    "parametrize": parametrize,
    "reworded": reworded,
    "captured_keys": captured_keys,
    "loosen": loosen,
    "file_name": file_name,
    **{f"{platform} module": clean[0] for platform, clean in LANGUAGES.items()},
    **{f"{platform} function": clean[1] for platform, clean in LANGUAGES.items()},
    "text glob": text_glob("*a*1*f*a*1*f*?*[ab]*z"),
    "path glob": path_glob("**/a*1*f*/**/a*1*/**?z"),
    "crossing glob": path_glob("**a**1**f**a**1**z"),
}
DISTINCT = {name: work for name, work in WORK.items() if name.partition(" ")[0] not in ("groovy", "kotlin", "scala",
            "clojure", "android", "node", "c", "cocoa", "objc", "swift", "rust")}  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("name", DISTINCT)
def test_long_texts_cost_linear_work(name: str) -> None:
    assert _slow(WORK[name]) == []


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/a/**", "/x/a/y", True),
        ("**/a/**", "/x/ab/y", False),
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", False),
        ("a/**", "a/b/c", True),
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/a/**/c", "/a/b/b/c", True),
        ("*.js", "x.js", True),
        ("*.js", "/y/x.js", False),
        ("**.js", "/y/x.js", True),
        ("**/x?.js", "/y/x1.js", True),
        ("**/x?.js", "/y/x/.js", False),
        ("C:\\App\\*", "c:/app/x.exe", True),
        ("/rel/a.py", "rel/a.py", True),
        ("**/a*b/**/c*", "/q/axb/z/z/cd", True),
        ("**/a*b/c", "/a/ab/axb/c", True),
        ("[id].js", "[id].js", True),
        ("**", "", False),
    ],
)
def test_path_patterns(pattern: str, path: str, matches: bool) -> None:
    test = path_glob(pattern)
    assert any(map(test, folded_paths(path))) is matches


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*c", "abc", True),
        ("a*c", "abcd", False),
        ("*b*", "a\nb\nc", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[ab]c", "bc", True),
        ("[!ab]c", "bc", False),
        ("a.c", "abc", False),
        ("*", "", True),
    ],
)
def test_text_patterns(pattern: str, text: str, matches: bool) -> None:
    assert text_glob(pattern)(text) is matches
    assert text_glob(pattern.upper(), ignore_case=True)(text) is matches
