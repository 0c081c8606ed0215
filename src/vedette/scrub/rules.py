"""What a project may configure, and what that compiles to.

Rules come as the "advanced data scrubbing" list (`{"type", "method", "source", …}`) or as the object
it is kept in on the wire (`relayPiiConfig`: `{"rules": {…}, "applications": {…}}`).
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, cast

import msgspec

from vedette.core.patterns import (
    Buffer,
    BytesPattern,
    InvalidPattern,
    TextPattern,
    escape,
    text_pattern,
)
from vedette.scrub.kinds import DEFAULT_KINDS, KEY_WORDS, KINDS, Kind, is_secret_key
from vedette.scrub.selectors import InvalidSelector, Parsed, Way, parse
from vedette.scrub.told import tells_secret

Method = Literal["remove", "mask", "hash", "replace"]
FILTERED = "[Filtered]"
MAX_RULES = 200
MAX_PATTERN_CHARS = 1000
_PLAIN_WORD = re.compile(r"^[A-Za-z0-9_. -]+\Z")
_METHODS = ("remove", "mask", "hash", "replace")


class ScrubSettings(msgspec.Struct, frozen=True, rename="camel"):
    """A project's (and its organization's) options, as the API names and stores them."""

    data_scrubber: bool = True
    data_scrubber_defaults: bool = True
    sensitive_fields: tuple[str, ...] = ()
    safe_fields: tuple[str, ...] = ()
    scrub_ip_addresses: bool = msgspec.field(name="scrubIPAddresses", default=False)
    relay_pii_config: str | None = None  # JSON text of the rules, empty or None for none

    def joined(self, organization: "ScrubSettings") -> "ScrubSettings":
        """The project's settings under its organization's: what either asks for is done."""
        return ScrubSettings(
            data_scrubber=self.data_scrubber or organization.data_scrubber,
            data_scrubber_defaults=self.data_scrubber_defaults or organization.data_scrubber_defaults,
            sensitive_fields=(*organization.sensitive_fields, *self.sensitive_fields),
            safe_fields=(*organization.safe_fields, *self.safe_fields),
            scrub_ip_addresses=self.scrub_ip_addresses or organization.scrub_ip_addresses,
            relay_pii_config=_joined_rules(organization.relay_pii_config, self.relay_pii_config),
        )


class InvalidRules(ValueError):
    """Rules that cannot be used. `problems` has one sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Rule(NamedTuple):
    """One rule, ready to run. Without `kind` and `key` it takes anything its selector meets."""

    name: str  # as in remarks: `@creditcard:mask`
    where: Parsed
    method: Method = "replace"
    placeholder: str = FILTERED
    kind: Kind | None = None
    key: Callable[[str], bool] | None = None
    in_prose: Callable[[str, str], bool] | None = (
        None  # whether `name: value` is no mere sentence; None: any is
    )
    hint: TextPattern | None = (
        None  # what a text must hold to tell something by a name of `key`; None: anything may
    )
    glance: str | None = None  # what raw JSON must hold for the rule to matter; None: anything may
    text_glance: str | None = None  # the same, for the rule to find something within a text

    def takes_whole(self, value: object) -> bool:
        """Whether the rule takes any value that its selector meets; containers only where they are named."""
        if self.kind is not None or self.key is not None:
            return False
        return self.where.wild is False or not isinstance(value, dict | list)


class Scrubber(NamedTuple):
    """Compiled settings.

    Rules for the whole event and rules with selectors; for each, what raw JSON must hold to matter.
    """

    everywhere: tuple[Rule, ...]
    selected: tuple[Rule, ...]
    safe: frozenset[str]
    glance: BytesPattern | None
    text_glance: BytesPattern | None
    selected_glance: BytesPattern | None
    blind_roots: frozenset[str] | None  # parts that some selected rule must see whatever they hold; None: all
    roots: frozenset[str] | None  # parts that some selected rule can reach; None: all

    @property
    def idle(self) -> bool:
        return not self.everywhere and not self.selected

    def sees(self, json: Buffer) -> bool:
        """Whether the JSON may hold something that a rule for the whole event looks for."""
        return self.glance is None or self.glance.sees(json)

    def sees_in_texts(self, json: Buffer) -> bool:
        """Whether a text in the JSON may hold something, apart from what the keys around it say."""
        return self.text_glance is None or self.text_glance.sees(json)

    def sees_selected(self, json: bytes) -> bool:
        return self.selected_glance is None or self.selected_glance.sees(json)

    def reaches(self, part: str) -> bool:
        return self.roots is None or part in self.roots

    def is_blind(self, part: str) -> bool:
        return self.blind_roots is None or part in self.blind_roots


def _anywhere(_: Way) -> bool:
    return True


_EVERYWHERE = Parsed(_anywhere, False, None, True, True)
# A secret's name in raw JSON: in a key, before `=`, a quote and `:` or `: ` within a text, or first of a pair.
_IN_STRING = r'(?:[^"\\]|\\.)*'
_BLANKS = r"(?:\s|\\[nrtf])*"
_NAME_IN_TEXT = rf"""(?i:{{words}})(?:{_IN_STRING}(?:=|'{_BLANKS}:|\\"{_BLANKS}:)|[0-9A-Za-z_.-]*:[\s\\'])"""
_KEY_GLANCE = (
    rf"""{_NAME_IN_TEXT}|(?i:{{words}}){_IN_STRING}"\s*:"""
    rf"""|(?i:\[\s*"{_IN_STRING}(?:{{words}}){_IN_STRING}"\s*,)"""
)
# The password of an account in SQL, whose name is not joined to it.
_SOME_BLANKS = r"(?:\s|\\[nrtf])+"
_ACCOUNT_GLANCE = (
    rf"""(?i:password{_BLANKS}\(?{_BLANKS}[burent]{{0,2}}(?:'|\\+["'])|set{_SOME_BLANKS}password{_SOME_BLANKS}for"""
    rf"""|identified{_SOME_BLANKS}(?:with|by|as))"""
)
_ESCAPED_ASCII = r"\\u00[2-7]"  # a key may be spelled in escapes; nobody honest does


@lru_cache(maxsize=1024)
def compile_settings(settings: ScrubSettings) -> Scrubber:
    """The scrubber of these settings. Stored rules that are no longer valid are left out."""
    everywhere, selected = _defaults(settings), _stored_rules(settings.relay_pii_config)
    return Scrubber(
        everywhere=tuple(everywhere),
        selected=tuple(selected),
        safe=frozenset(name.strip().lower() for name in settings.safe_fields if name.strip()),
        glance=_glance([rule.glance for rule in everywhere]),
        text_glance=_glance([rule.text_glance for rule in everywhere]),
        selected_glance=_glance([rule.glance for rule in selected if rule.glance is not None]),
        blind_roots=_roots([rule for rule in selected if rule.glance is None]),
        roots=_roots(selected),
    )


def _glance(wanted: list[str | None]) -> BytesPattern | None:
    """One pattern for whatever rules look for; None when one of them cannot tell by looks."""
    looks = [pattern for pattern in wanted if pattern is not None]
    if len(looks) < len(wanted):
        return None
    return BytesPattern("|".join([*looks, _ESCAPED_ASCII]).encode())


def _roots(rules: list[Rule]) -> frozenset[str] | None:
    if any(rule.where.roots is None for rule in rules):
        return None
    return frozenset(root for rule in rules for root in rule.where.roots or ())


def _defaults(settings: ScrubSettings) -> list[Rule]:
    if not settings.data_scrubber:
        return []
    rules: list[Rule] = []
    words = [word.strip().lower() for word in settings.sensitive_fields if word.strip()]
    if settings.data_scrubber_defaults:
        rules.append(_secret_keys("@password:filter"))
        rules += [
            _of_kind(KINDS[name], f"@{name}:filter", _EVERYWHERE, "replace", FILTERED)
            for name in DEFAULT_KINDS
        ]
    if words:
        rules.append(_word_keys(words))
    return rules


def _secret_keys(
    name: str, where: Parsed = _EVERYWHERE, method: Method = "replace", text: str = FILTERED
) -> Rule:
    glance, in_text = (pattern.replace("{words}", KEY_WORDS) for pattern in (_KEY_GLANCE, _NAME_IN_TEXT))
    return Rule(
        name,
        where,
        method,
        text,
        key=is_secret_key,
        in_prose=tells_secret,
        hint=text_pattern(f"(?i){KEY_WORDS}|identified"),
        glance=f"{glance}|{_ACCOUNT_GLANCE}",
        text_glance=f"{in_text}|{_ACCOUNT_GLANCE}",
    )


def _word_keys(words: list[str]) -> Rule:
    """Keys that contain one of a project's own words."""
    rule = Rule("@sensitive:filter", _EVERYWHERE, key=_any_of(tuple(words)))
    if not all(_PLAIN_WORD.match(word) for word in words):
        return rule
    found = "|".join(map(escape, words))
    glance, in_text = (pattern.replace("{words}", found) for pattern in (_KEY_GLANCE, _NAME_IN_TEXT))
    return rule._replace(hint=text_pattern(f"(?i){found}"), glance=glance, text_glance=in_text)


def _any_of(words: tuple[str, ...]) -> Callable[[str], bool]:
    def matches(key: str) -> bool:
        lower = key.lower()
        return any(word in lower for word in words)

    return matches


def _of_kind(kind: Kind, name: str, where: Parsed, method: Method, text: str) -> Rule:
    return Rule(name, where, method, text, kind=kind, glance=kind.glance, text_glance=kind.glance)


# --- rules of a project -----------------------------------------------------------------------

Fields = Mapping[str, object]


def parse_rules(source: str | Fields | list[object] | None) -> tuple[Rule, ...]:
    """The rules of a configuration. Raises `InvalidRules` naming every one that cannot be used."""
    rules, problems = _read(source)
    if problems:
        raise InvalidRules(problems)
    return tuple(rules)


def _stored_rules(source: str | None) -> list[Rule]:
    return _read(source)[0]


def _joined_rules(first: str | None, second: str | None) -> str | None:
    both = [text for text in (first, second) if text and text.strip()]
    if len(both) < 2:
        return both[0] if both else None
    try:
        lists = [_as_list(msgspec.json.decode(text)) for text in both]
    except (msgspec.MsgspecError, InvalidRules):
        return both[1]
    return msgspec.json.encode([rule for rules in lists for rule in rules]).decode()


def _read(source: str | Fields | list[object] | None) -> tuple[list[Rule], list[str]]:
    try:
        if isinstance(source, str):
            source = cast("Fields | list[object]", msgspec.json.decode(source)) if source.strip() else []
        sent = _as_list(source)
    except (msgspec.MsgspecError, RecursionError):
        return [], ["rules are not JSON"]
    except InvalidRules as error:
        return [], error.problems
    if len(sent) > MAX_RULES:
        return [], [f"{len(sent)} rules, limit is {MAX_RULES}"]
    rules: list[Rule] = []
    problems: list[str] = []
    for number, item in enumerate(sent, start=1):
        try:
            rules.append(_rule(item))
        except (InvalidRules, InvalidSelector) as error:
            problems.append(f"rule {number}: {error}")
    return rules, problems


def _as_list(source: object) -> list[object]:
    """Both forms of a configuration as the list form."""
    if not source:
        return []
    if isinstance(source, list):
        return cast("list[object]", source)
    if not isinstance(source, dict):
        raise InvalidRules(["rules must be a list or an object"])
    config = cast("dict[str, object]", source)
    rules = _object(config.get("rules"))
    found: list[object] = []
    for selector, names in _object(config.get("applications")).items():
        if not isinstance(names, list):
            raise InvalidRules([f"applications of '{selector}' must be a list of rule names"])
        found += [_flat(rules, str(name), selector) for name in cast("list[object]", names)]
    return found


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _flat(rules: dict[str, object], name: str, selector: str) -> dict[str, object]:
    if name.startswith("@"):
        kind, _, method = name[1:].partition(":")
        return {
            "type": kind,
            "method": "replace" if method == "filter" else method or "replace",
            "source": selector,
        }
    rule = _object(rules.get(name))
    if not rule:
        raise InvalidRules([f"there is no rule '{name}'"])
    redaction = _object(rule.get("redaction"))
    return {
        **{key: value for key, value in rule.items() if key != "redaction"},
        "method": redaction.get("method") or "replace",
        "placeholder": redaction.get("text"),
        "source": selector,
    }


_TYPE_NAMES = {"url_auth": "urlauth", "imei_number": "imei", "ssn": "usssn", "mac_address": "mac"}


def _rule(item: object) -> Rule:
    if not isinstance(item, dict):
        raise InvalidRules(["a rule must be an object"])
    sent = cast("dict[str, object]", item)
    kind = str(sent.get("type") or "").lower()
    kind = _TYPE_NAMES.get(kind, kind)
    method = _method(str(sent.get("method") or "replace").lower())
    placeholder = sent.get("placeholder")
    text = placeholder if isinstance(placeholder, str) and placeholder else FILTERED
    source = sent.get("source")
    if not isinstance(source, str) or not source.strip():
        raise InvalidRules(["a source (selector) is missing"])
    where = parse(source)
    name = f"@{kind}:{method}"
    if kind == "anything":
        return Rule(name, where, method, text)
    if kind == "password":
        return _secret_keys(name, where, method, text)
    if kind == "redact_pair":
        pattern = _compile(str(sent.get("keyPattern") or ""))
        return Rule(name, where, method, text, key=_found_by(pattern))
    if kind == "pattern":
        pattern = str(sent.get("pattern") or "")
        _compile(pattern)
        return Rule(name, where, method, text, kind=Kind("pattern", pattern))
    if kind not in KINDS:
        raise InvalidRules([f"unknown type '{kind}'"])
    return _of_kind(KINDS[kind], name, where, method, text)


def _found_by(pattern: TextPattern) -> Callable[[str], bool]:
    def matches(key: str) -> bool:
        return pattern.search(key) is not None

    return matches


def _method(name: str) -> Method:
    if name in ("default", "filter"):
        return "replace"
    if name not in _METHODS:
        raise InvalidRules([f"unknown method '{name}', known are {', '.join(_METHODS)}"])
    return name


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> TextPattern:
    return _compile(pattern)


def _compile(pattern: str) -> TextPattern:
    """The pattern on RE2. Raises `InvalidRules`: what RE2 refuses could run for ever elsewhere."""
    if not pattern:
        raise InvalidRules(["a pattern is missing"])
    if len(pattern) > MAX_PATTERN_CHARS:
        raise InvalidRules([f"pattern is {len(pattern)} characters, limit is {MAX_PATTERN_CHARS}"])
    try:
        return text_pattern(pattern)
    except InvalidPattern as error:
        problem = (
            f"cannot use pattern '{pattern[:80]}': {error}; back-references and look-around are not supported"
        )
        raise InvalidRules([problem]) from error
