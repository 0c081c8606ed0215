"""A notice as subject, plain text and HTML. What comes from events is escaped, and kept short."""

from html import escape

from vedette.alerts.notice import Notice

# The colours of web/src/tokens.css (light), as mail programs take them: no oklch, no variables.
INK, INK_2, GROUND, RAISED, LINE, ACCENT = "#23201c", "#57524b", "#faf9f7", "#ffffff", "#e4e1dc", "#00767b"
LEVEL_COLOURS = {
    "fatal": "#a3005f",
    "error": "#c02a1f",
    "warning": "#9a6100",
    "info": "#0067b0",
    "debug": "#66625b",
}
_TITLE_MOST = 300
_COMMENT_MOST = 2000
_SANS = "font-family:ui-sans-serif,system-ui,-apple-system,'Segoe UI',sans-serif"
_PAGE = f"margin:0;padding:24px;background:{GROUND};color:{INK};{_SANS};font-size:15px"
_BOX = f"max-width:600px;margin:auto;background:{RAISED};border:1px solid {LINE};padding:20px 24px"
_H1 = "font-size:19px;line-height:1.3;margin:6px 0 12px;word-break:break-word"
_LINK = f"color:{ACCENT};font-weight:600"


def subject(notice: Notice) -> str:
    """One line, at most 180 characters: header lines cannot be smuggled in."""
    text = f"{notice.short_id} {notice.title}" if notice.short_id else notice.title
    if notice.kind == "issue_regressed":
        text = f"Regressed: {text}"
    elif notice.kind in ("issue_escalating", "issue_unarchived"):
        text = f"Escalating: {text}"
    elif notice.kind == "mention":
        text = f"{notice.author} mentioned you: {text}"
    elif notice.kind == "test":
        text = f"Test notification of {notice.project}"
    return one_line(text, 180)


def one_line(text: str, most: int = _TITLE_MOST) -> str:
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def facts(notice: Notice) -> list[tuple[str, str]]:
    """What a person wants to know before opening the page: name and value, those that are there."""
    pairs = (
        ("Project", notice.project),
        ("Where", notice.culprit),
        ("Level", notice.level if notice.short_id else ""),
        ("Environment", notice.environment),
        ("Release", notice.release),
        ("Seen", f"{notice.times_seen} times" if notice.times_seen > 1 else ""),
        ("First seen", notice.first_seen),
        ("Event", notice.event_id),
    )
    return [(name, one_line(value)) for name, value in pairs if value]


def plain_text(notice: Notice) -> str:
    lines = [notice.headline]
    if notice.title:
        lines += ["", one_line(notice.title)]
    if notice.comment:
        lines += ["", f"{one_line(notice.author)} wrote:", notice.comment[:_COMMENT_MOST]]
    lines += ["", *(f"{name}: {value}" for name, value in facts(notice)), "", notice.url]
    return "\n".join(lines)


def html(notice: Notice) -> str:
    """A page of its own, without images, scripts or anything fetched."""
    colour = LEVEL_COLOURS.get(notice.level, INK)
    rows = "".join(
        f'<tr><td style="color:{INK_2};padding:2px 16px 2px 0;vertical-align:top">{escape(name)}</td>'
        f'<td style="padding:2px 0;word-break:break-word">{escape(value)}</td></tr>'
        for name, value in facts(notice)
    )
    comment = (
        f'<p style="margin:12px 0;padding-left:12px;border-left:3px solid {LINE};white-space:pre-wrap">'
        f"<b>{escape(one_line(notice.author))}</b><br>{escape(notice.comment[:_COMMENT_MOST])}</p>"
        if notice.comment
        else ""
    )
    body = (
        f'<div style="color:{INK_2};font-size:13px">{escape(notice.headline)}</div>'
        f'<h1 style="{_H1}">{escape(one_line(notice.title))}</h1>'
        f'{comment}<table style="border-collapse:collapse;font-size:14px">{rows}</table>'
        f'<p style="margin:20px 0 0"><a href="{escape(notice.url)}" style="{_LINK}">Open in Vedette</a></p>'
    )
    box = f"{_BOX};border-top:3px solid {colour}"
    return f'<!doctype html><html><body style="{_PAGE}"><div style="{box}">{body}</div></body></html>'
