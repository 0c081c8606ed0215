"""Scrubbing of spans, logs and metrics: one text (description, body) and attributes by key.

The rules are those of events. Selectors find the parts as `$span.description`, `$span.data.KEY`, `$log.body`,
`$log.attributes.KEY`, `$trace_metric.attributes.KEY`.
"""

from typing import Literal, NamedTuple, cast

from vedette.core.remarks import Remarks
from vedette.scrub.redact import Json, Redactor, is_secret
from vedette.scrub.rules import Scrubber
from vedette.scrub.walk import Walker


class Names(NamedTuple):
    """What selectors call an entry, its text and its attributes."""

    entry: Literal["span", "log", "trace_metric"]
    text: str
    attributes: str


SPAN = Names("span", "description", "data")
LOG = Names("log", "body", "attributes")
METRIC = Names("trace_metric", "name", "attributes")


def is_clean(payload: bytes, scrubber: Scrubber) -> bool:
    """Whether no rule can find anything in these bytes of JSON: then nothing need be taken apart."""
    return not scrubber.selected and (not scrubber.everywhere or not scrubber.sees(payload))


def scrub_entry(
    names: Names, text: str, texts: dict[str, str], numbers: dict[str, float], scrubber: Scrubber
) -> str:
    """The text without what the rules take out; the attributes are changed in place."""
    redactor = Redactor(Remarks(), scrubber.safe)
    if scrubber.everywhere:
        text = redactor.text(text, scrubber.everywhere, ()) if text else text
        for key in [*texts, *numbers]:
            _store(key, _plain(key, texts, numbers, scrubber, redactor), texts, numbers)
    if scrubber.selected and scrubber.reaches(names.entry):
        text = _selected(names, text, texts, numbers, Walker(scrubber.selected, redactor))
    return text


def _plain(
    key: str, texts: dict[str, str], numbers: dict[str, float], scrubber: Scrubber, redactor: Redactor
) -> Json:
    value: Json = texts[key] if key in texts else numbers[key]
    if redactor.is_safe(key):
        return value
    for rule in scrubber.everywhere:
        if rule.key is not None and is_secret(rule, key, value):
            return redactor.whole(rule, value, ())
    if isinstance(value, str):
        return redactor.text(value, scrubber.everywhere, ())
    return redactor.number(cast("float", value), scrubber.everywhere, ())


def _selected(
    names: Names, text: str, texts: dict[str, str], numbers: dict[str, float], walker: Walker
) -> str:
    bag: dict[str, Json] = {**texts, **numbers}
    changed, kept = walker.part(names.entry, {names.text: text, names.attributes: bag})
    if not changed:
        return text
    entry = cast("dict[str, Json]", kept) if isinstance(kept, dict) else {}
    attributes = entry.get(names.attributes)
    left = cast("dict[str, Json]", attributes) if isinstance(attributes, dict) else {}
    for key in [*texts, *numbers]:
        _store(key, left.get(key), texts, numbers)
    return str(entry.get(names.text) or "")


def _store(key: str, value: Json, texts: dict[str, str], numbers: dict[str, float]) -> None:
    """Put what is left of a value back; a number that became text moves over."""
    if isinstance(value, float | int):
        return
    numbers.pop(key, None)
    if value is None or value == "":
        texts.pop(key, None)
    else:
        texts[key] = str(value)
