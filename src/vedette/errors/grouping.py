"""Why a stored event is grouped as it is, under the project's present rules.

Those of the time it was stored may have been others; where they gave another hash, that is said.
"""

from typing import Any

from vedette.core.event import Event
from vedette.group import (
    Component,
    GroupingConfig,
    Variant,
    explain,
    group,
    parse_fingerprint_rules,
    parse_stack_trace_rules,
)

Json = dict[str, Any]


def grouping_config(fingerprint_rules: str, stack_rules: str) -> GroupingConfig:
    """A project's rules, as text, to what groups by them."""
    return GroupingConfig(
        fingerprint_rules=parse_fingerprint_rules(fingerprint_rules),
        stack_trace_rules=parse_stack_trace_rules(stack_rules),
    )


def hashes_of(event: Event, config: GroupingConfig) -> tuple[str, ...]:
    """The event's hashes today; rules that changed since may have made others then."""
    return tuple(group(event, config).hashes)


def grouping_info(event: Event, config: GroupingConfig, group_hash: int) -> dict[str, Json]:
    """Every variant by its key, with its tree.

    `group_hash` is what the event was stored under (unsigned). Where today's rules would not
    give it, the variants that contribute have `hashMismatch`.
    """
    grouping = group(event, config)
    rule = grouping.matched_rule
    differs = group_hash not in {int(md5[:16], 16) for md5 in grouping.hashes}
    found = {variant.key: _variant(variant, config, differs=differs) for variant in explain(event, config)}
    if rule is not None:
        for view in found.values():
            view["matchedRule"] = rule.text
    return found


def _variant(variant: Variant, config: GroupingConfig, *, differs: bool) -> Json:
    return {
        "key": variant.key,
        "type": variant.type,
        "description": variant.component.name,
        "hash": variant.hash,
        "hashMismatch": differs and variant.contributes,
        "contributes": variant.contributes,
        "hint": variant.hint,
        "component": _component(variant.component),
        "config": {"id": config.config_id, "enhancements": ""},
    }


def _component(component: Component) -> Json:
    return {
        "id": component.id,
        "name": component.name,
        "contributes": component.contributes,
        "hint": component.hint,
        "values": [value if isinstance(value, str) else _component(value) for value in component.values],
    }
