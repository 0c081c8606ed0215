"""The hashes by which an event finds its issue, and the explanation of them.

Order of authority: a checksum; a project's fingerprint rule; the client's fingerprint; built-in
fingerprint rules; the algorithm. `group` and `explain` walk the same steps.
"""

import re
from collections.abc import Mapping

import msgspec

from vedette.core.event import Event
from vedette.group.component import Component, Variant, VariantType, hash_of
from vedette.group.config import GroupingConfig
from vedette.group.mentioned import Mentioned
from vedette.group.registry import ALGORITHMS, GroupingAlgorithm
from vedette.group.rules.fingerprint import FingerprintRule, first_match
from vedette.group.rules.variables import DEFAULT, expand_parts, is_default
from vedette.group.v2026_11_01.algorithm import Found

_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_DEFAULT_FINGERPRINT = (DEFAULT,)
FALLBACK_HASH = hash_of(["fallback"])


class Grouping(msgspec.Struct, frozen=True):
    """How one event is grouped.

    `hashes`: 32 lower-case hex digits each, distinct, at least one; the first is the primary.
    `primary_u64`: its first eight bytes as an unsigned number. `fingerprint`: what counts in the
    end, variables filled in. `title`: replaces the usual title when set. `main_exception`:
    position in `exception.values` of the one that names the issue; None when it is not an
    exception that does. `secondary`: hashes by the configured earlier version, for events whose
    own hashes are not known. `mentioned`: what the frames of the exceptions are called, where
    types and stacks alone tell the chain.
    """

    config_id: str
    hashes: tuple[str, ...]
    primary_u64: int
    fingerprint: tuple[str, ...]
    matched_rule: FingerprintRule | None
    title: str | None
    main_exception: int | None
    secondary: tuple[str, ...]
    mentioned: Mentioned | None = None


class _Authority(msgspec.Struct, frozen=True):
    """Who decides: the fingerprint in force and the rule it comes from."""

    fingerprint: tuple[str, ...]
    rule: FingerprintRule | None

    @property
    def is_algorithm(self) -> bool:
        return self.fingerprint == _DEFAULT_FINGERPRINT


_BY_ALGORITHM = _Authority(_DEFAULT_FINGERPRINT, None)


def group(
    event: Event, config: GroupingConfig, algorithms: Mapping[str, GroupingAlgorithm] = ALGORITHMS
) -> Grouping:
    """The hashes of a normalised event.

    Pure: the same event and config give the same hashes on every machine. Never raises for what
    an event holds; raises `KeyError` for a version that is not in the registry.
    """
    algorithm = algorithms[config.version]
    authority = _authority(event, config, algorithm)
    found = algorithm.find(event, config)
    hashes = _hashes(event, authority, found)
    secondary: tuple[str, ...] = ()
    if config.secondary_version is not None and config.secondary_version != config.version:
        earlier = _secondary(event, config, algorithms[config.secondary_version])
        secondary = tuple(h for h in earlier if h not in hashes)
    title = (authority.rule.title_for(event) if authority.rule else None) or found.title
    primary = int(hashes[0][:16], 16)
    return Grouping(
        config.config_id,
        hashes,
        primary,
        authority.fingerprint,
        authority.rule,
        title,
        found.main_exception,
        secondary,
        found.mentioned,
    )


def _secondary(event: Event, config: GroupingConfig, algorithm: GroupingAlgorithm) -> tuple[str, ...]:
    return _hashes(event, _authority(event, config, algorithm), algorithm.find(event, config))


def _authority(event: Event, config: GroupingConfig, algorithm: GroupingAlgorithm) -> _Authority:
    rule = first_match(config.fingerprint_rules, event) if config.fingerprint_rules else None
    if rule is not None:
        return _Authority(_parts(rule.fingerprint, event), rule)
    sent = _parts(event.fingerprint or (), event)
    if sent != _DEFAULT_FINGERPRINT:
        return _Authority(sent, None)
    rule = algorithm.built_in_rule(event)
    return _Authority(_parts(rule.fingerprint, event), rule) if rule else _BY_ALGORITHM


def _parts(parts: list[str] | tuple[str, ...], event: Event) -> tuple[str, ...]:
    """The fingerprint with its variables filled in; none at all means the default."""
    if not parts:
        return _DEFAULT_FINGERPRINT
    return tuple(DEFAULT if is_default(part) else part for part in expand_parts(parts, event))


def _hashes(event: Event, authority: _Authority, found: Found) -> tuple[str, ...]:
    if event.checksum:
        return (_checksum_hash(event.checksum),)
    if DEFAULT not in authority.fingerprint:
        return (_custom_hash(authority.fingerprint),)
    own = [f.hash for f in found.findings if f.hash is not None] or [FALLBACK_HASH]
    if authority.is_algorithm:
        return tuple(dict.fromkeys(own))
    return tuple(dict.fromkeys(_salted_hash(authority.fingerprint, h) for h in own))


def _checksum_hash(checksum: str) -> str:
    return checksum.lower() if _MD5.fullmatch(checksum) else hash_of([checksum])


def _custom_hash(fingerprint: tuple[str, ...]) -> str:
    return hash_of(["fingerprint", *fingerprint])


def _salted_hash(fingerprint: tuple[str, ...], algorithm_hash: str) -> str:
    return hash_of(["fingerprint", *(algorithm_hash if part == DEFAULT else part for part in fingerprint)])


def explain(
    event: Event, config: GroupingConfig, algorithms: Mapping[str, GroupingAlgorithm] = ALGORITHMS
) -> list[Variant]:
    """Every variant with its tree and the reason why it counts or not.

    The hashes of contributing variants, in order and told once, are those of `group`.
    """
    algorithm = algorithms[config.version]
    authority = _authority(event, config, algorithm)
    found = algorithm.find(event, config)
    if event.checksum:
        own = _leaf_variant("checksum", "checksum", _checksum_hash(event.checksum), event.checksum)
        return [own, *_overruled(found, "the event carries a checksum")]
    if DEFAULT not in authority.fingerprint:
        return [_custom_variant(authority), *_overruled(found, "a fingerprint is set")]
    variants = _algorithm_variants(authority, found)
    if any(v.contributes for v in variants):
        return variants
    hashes = _hashes(event, authority, found)
    return [
        _leaf_variant("fallback", "fallback", hashes[0], "nothing in the event tells it from others"),
        *variants,
    ]


def _leaf_variant(key: str, kind: VariantType, value: str, text: str, hint: str | None = None) -> Variant:
    component = Component(id=key, values=[text])
    return Variant(key=key, type=kind, contributes=True, hash=value, hint=hint, component=component)


def _custom_variant(authority: _Authority) -> Variant:
    built_in = authority.rule is not None and authority.rule.origin == "built-in"
    parts: list[Component | str] = [Component(id="part", values=[part]) for part in authority.fingerprint]
    hint = f"set by rule: {authority.rule.text}" if authority.rule else "set by the client"
    return Variant(
        key="built-in" if built_in else "custom-fingerprint",
        type="built-in" if built_in else "custom-fingerprint",
        contributes=True,
        hash=_custom_hash(authority.fingerprint),
        hint=hint,
        component=Component(id="fingerprint", hint=hint, values=parts),
    )


def _algorithm_variants(authority: _Authority, found: Found) -> list[Variant]:
    salt = (
        None
        if authority.is_algorithm
        else "salted with " + ", ".join(p for p in authority.fingerprint if p != DEFAULT)
    )
    variants: list[Variant] = []
    for finding in found.findings:
        value = finding.hash
        if value is not None and salt is not None:
            value = _salted_hash(authority.fingerprint, value)
        variants.append(
            Variant(
                key=finding.key,
                type="component" if salt is None else "salted-component",
                contributes=value is not None,
                hash=value,
                hint=finding.hint or salt,
                component=finding.tree(),
            )
        )
    return variants


def _overruled(found: Found, why: str) -> list[Variant]:
    """The algorithm's variants, shown though something else decided."""
    return [
        Variant(key=f.key, type="component", contributes=False, hash=None, hint=why, component=f.tree())
        for f in found.findings
    ]
