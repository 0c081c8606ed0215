"""Comments as HTML: CommonMark with tables and strike-through, nothing that could do harm.

HTML in the text stays text; images are left out, because loading one tells its sender who
reads; links lead to the web or to mail programs only.
"""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_ALLOWED = re.compile(r"^(https?://|mailto:)", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@])@([\w.+-]+@[\w-]+(?:\.[\w-]+)*)")
_TEAM = re.compile(r"(?<![\w#&])#([a-z0-9_-]{1,50})\b")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"]).disable("image")
    parser.validateLink = lambda url: bool(_ALLOWED.match(url))  # type: ignore[method-assign]  # its documented hook
    parser.add_render_rule("link_open", _link_open)
    return parser


def _link_open(renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, _: Any) -> str:
    tokens[index].attrSet("rel", "nofollow noopener noreferrer")
    return renderer.renderToken(tokens, index, options, {})


_PARSER = _parser()


def to_html(text: str) -> str:
    """Safe to put into a page as it is."""
    return str(_PARSER.render(text))


def mentioned(text: str) -> tuple[list[str], list[str]]:
    """The e-mail addresses (`@ada@example.com`) and team slugs (`#web`) that a comment names."""
    return _MENTION.findall(text), _TEAM.findall(text)
