"""Comments as HTML."""

import pytest

from vedette.issues.markdown import mentioned, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**now** ~~then~~", "<p><strong>now</strong> <s>then</s></p>\n"),
        ("one\ntwo", "<p>one<br />\ntwo</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        (
            "[a](https://x.io)",
            '<p><a href="https://x.io" rel="nofollow noopener noreferrer">a</a></p>\n',
        ),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](JaVaScRiPt:alert(1))", "<p>[a](JaVaScRiPt:alert(1))</p>\n"),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
        ("[a](/api/0/)", "<p>[a](/api/0/)</p>\n"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
    ],
)
def test_a_comment_becomes_harmless_html(text: str, html: str) -> None:
    assert to_html(text) == html


def test_an_image_is_not_loaded() -> None:
    assert "<img" not in to_html("![x](https://tracker.example/x.png)")


@pytest.mark.parametrize(
    ("text", "mails", "teams"),
    [
        ("@ada@example.com please, with #web", ["ada@example.com"], ["web"]),
        ("mail ada@example.com", [], []),
        ("see #web-2, &#39; and x#no", [], ["web-2"]),
    ],
)
def test_a_comment_mentions_people_and_teams(text: str, mails: list[str], teams: list[str]) -> None:
    assert mentioned(text) == (mails, teams)
