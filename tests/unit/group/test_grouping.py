"""Who decides, what the hashes are, and that the explanation shows the same."""

import msgspec
import pytest
from msgspec import structs

from tests.unit.group.build import config, decoded, error, event, frame, grouped, raised, said, stack
from tests.unit.group.test_failure_cases import MUST_JOIN, MUST_SPLIT, Pair
from vedette.core.event import Event, Frame, Mechanism
from vedette.group import ALGORITHMS, LATEST, Component, GroupingConfig, explain, group
from vedette.group.component import hash_of, tokens
from vedette.group.v2026_11_01.algorithm import Algorithm, Found

CRASH = raised(error(frame("f", "m"), frame("g", "lib", in_app=False)), transaction="/cart", logger="shop")


def test_an_error_has_an_in_app_and_an_all_frames_hash() -> None:
    found = grouped(CRASH)
    assert len(found.hashes) == 2
    assert all(len(h) == 32 and h == h.lower() for h in found.hashes)
    assert [v.key for v in explain(CRASH, GroupingConfig())] == ["app", "system"]


def test_the_primary_number_is_the_first_eight_bytes_of_the_first_hash() -> None:
    found = grouped(CRASH)
    assert found.primary_u64 == int.from_bytes(bytes.fromhex(found.hashes[0])[:8], "big")


def test_two_variants_that_agree_give_one_hash() -> None:
    found = grouped(raised(error(frame("f", "m"))))
    assert len(found.hashes) == 1


def test_without_in_app_frames_only_all_frames_count() -> None:
    lonely = raised(error(frame("g", "lib", in_app=False), frame("h", "lib", in_app=None)))
    assert [v.key for v in explain(lonely, GroupingConfig()) if v.contributes] == ["system"]
    assert len(grouped(lonely).hashes) == 1


@pytest.mark.parametrize(
    ("checksum", "expected"),
    [
        ("A" * 32, "a" * 32),
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("order-7", hash_of(["order-7"])),
    ],
)
def test_a_checksum_outranks_everything(checksum: str, expected: str) -> None:
    by = config('message:* -> "rule"')
    found = grouped(said("x", checksum=checksum, fingerprint=["client"]), by)
    assert found.hashes == (expected,)


def test_a_rule_outranks_the_client_and_the_client_outranks_built_in_rules() -> None:
    chunk = raised(error(type="ChunkLoadError", value="Loading chunk 1 failed"), platform="javascript")
    built_in = grouped(chunk)
    assert built_in.fingerprint == ("chunk-load-error",)
    assert built_in.matched_rule is not None
    assert built_in.matched_rule.origin == "built-in"
    chunk.fingerprint = ["mine"]
    assert grouped(chunk).fingerprint == ("mine",)
    ruled = grouped(chunk, config("type:ChunkLoadError -> ours"))
    assert ruled.fingerprint == ("ours",)
    assert ruled.matched_rule is not None
    assert ruled.matched_rule.line == 1


@pytest.mark.parametrize("fingerprint", [None, [], ["{{ default }}"], ["{{default}}"]])
def test_the_default_fingerprint_leaves_the_algorithm_alone(fingerprint: list[str] | None) -> None:
    sent = raised(error(frame("f", "m")), fingerprint=fingerprint)
    assert grouped(sent).hashes == grouped(raised(error(frame("f", "m")))).hashes
    assert grouped(sent).fingerprint == ("{{ default }}",)


def test_a_custom_fingerprint_ignores_the_algorithm() -> None:
    one = raised(error(frame("f", "m")), fingerprint=["a", "b"])
    other = said("anything", fingerprint=["a", "b"])
    assert grouped(one).hashes == grouped(other).hashes
    assert grouped(said("x", fingerprint=["b", "a"])).hashes != grouped(one).hashes


def test_a_hybrid_fingerprint_salts_each_hash() -> None:
    plain = grouped(CRASH).hashes
    tenant_a = grouped(msgspec.structs.replace(CRASH, fingerprint=["{{ default }}", "a"]))
    tenant_b = grouped(msgspec.structs.replace(CRASH, fingerprint=["{{default}}", "b"]))
    assert len(tenant_a.hashes) == 2
    assert not set(plain) & set(tenant_a.hashes)
    assert not set(tenant_a.hashes) & set(tenant_b.hashes)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("{{ transaction }}", "/cart"),
        ("{{transaction}}", "/cart"),
        ("{{ type }}", "ValueError"),
        ("{{ error.value }}", "bad"),
        ("{{ function }}", "f"),
        ("{{ module }}", "m"),
        ("{{ stack.abs_path }}", "/srv/m.py"),
        ("{{ stack.filename }}", "m.py"),
        ("{{ package }}", "libm.so"),
        ("{{ level }}", "error"),
        ("{{ logger }}", "shop"),
        ("{{ message }}", "bad"),
        ("{{ tags.tenant }}", "acme"),
        ("{{ tags.none }}", "<no-value-for-tag-none>"),
        ("{{ nonsense }}", "<unrecognized-variable-nonsense>"),
        ("in {{ logger }} of {{ tags.tenant }}", "in shop of acme"),
        ("{{ not closed", "{{ not closed"),
    ],
)
def test_variables_are_filled_in(part: str, expected: str) -> None:
    crash = raised(
        error(frame("f", "m", abs_path="/srv/m.py", package="/lib/libm.so"), frame("g", in_app=False)),
        transaction="/cart",
        logger="shop",
        tags={"tenant": "acme"},
        fingerprint=[part],
    )
    assert grouped(crash).fingerprint == (expected,)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("{{ transaction }}", "<no-transaction>"),
        ("{{ type }}", "<no-type>"),
        ("{{ value }}", "<no-value>"),
        ("{{ function }}", "<no-function>"),
        ("{{ path }}", "<no-abs-path>"),
        ("{{ stack.filename }}", "<no-filename>"),
        ("{{ module }}", "<no-module>"),
        ("{{ package }}", "<no-package>"),
        ("{{ logger }}", "<no-logger>"),
        ("{{ message }}", "<no-message>"),
    ],
)
def test_missing_values_have_names(part: str, expected: str) -> None:
    assert grouped(event(fingerprint=[part])).fingerprint == (expected,)


def test_a_rule_gives_a_title() -> None:
    by = config('type:ValueError -> {{ default }} title="{{ type }} in {{ transaction }}"')
    assert grouped(CRASH, by).title == "ValueError in /cart"
    assert grouped(CRASH).title is None


def test_a_rule_with_a_title_only_keeps_the_algorithm() -> None:
    by = config('type:ValueError -> title="money"')
    found = grouped(CRASH, by)
    assert (found.hashes, found.title) == (grouped(CRASH).hashes, "money")


def test_events_that_say_nothing_share_the_fallback_hash() -> None:
    nothing = [event(), said("   "), event("native", exception=None)]
    hashes = {grouped(e).hashes for e in nothing}
    assert len(hashes) == 1
    assert explain(event(), GroupingConfig())[0].key == "fallback"


def test_the_template_counts_when_there_is_no_stack() -> None:
    one = event(template=Frame(filename="cart/show.html", context_line="{{ total }}"))
    other = event(template=Frame(filename="/srv/cart/show.html", context_line="  {{ total }}", lineno=7))
    assert grouped(one).hashes == grouped(other).hashes
    assert explain(one, GroupingConfig())[0].component.id == "template"


def test_a_stack_of_its_own_counts_for_a_message() -> None:
    sent = said("order 7", stacktrace=stack(frame("f", "m")))
    assert explain(sent, GroupingConfig())[0].component.id == "stacktrace"


def test_the_last_exception_names_the_issue() -> None:
    chain = raised(error(frame("f", "m"), type="A"), error(frame("g", "m"), type="B"))
    assert grouped(chain).main_exception == 1
    assert grouped(said("x")).main_exception is None


def _group_of(*children: tuple[str, str], malformed: bool = False) -> Event:
    inner = [
        error(
            frame(function, "m"),
            type=kind,
            mechanism=Mechanism(exception_id=i, parent_id=i if malformed else 0),
        )
        for i, (kind, function) in enumerate(children, 1)
    ]
    root = error(
        frame("gather", "m"),
        type="ExceptionGroup",
        mechanism=Mechanism(exception_id=0, is_exception_group=True),
    )
    return raised(*reversed(inner), root)


def test_a_group_of_one_kind_is_named_and_grouped_by_it() -> None:
    several = _group_of(("KeyError", "f"), ("KeyError", "f"))
    alone = raised(error(frame("f", "m"), type="KeyError"))
    assert grouped(several).hashes == grouped(alone).hashes
    assert grouped(several).main_exception == 1  # the first child; children stand before the root


def test_a_group_of_several_kinds_is_named_by_itself() -> None:
    found = grouped(_group_of(("KeyError", "f"), ("OSError", "g")))
    assert found.main_exception == 2


def test_a_malformed_group_is_a_plain_chain() -> None:
    broken = _group_of(("KeyError", "f"), malformed=True)
    assert grouped(broken).main_exception == 1
    assert "chained-exception" in {v.component.id for v in explain(broken, GroupingConfig())}


def test_groups_in_groups_are_looked_into() -> None:
    leaf = error(frame("f", "m"), type="KeyError", mechanism=Mechanism(exception_id=2, parent_id=1))
    middle = error(type="EG", mechanism=Mechanism(exception_id=1, parent_id=0, is_exception_group=True))
    root = error(type="EG", mechanism=Mechanism(exception_id=0, is_exception_group=True))
    found = grouped(raised(leaf, middle, root))
    assert found.hashes == grouped(raised(error(frame("f", "m"), type="KeyError"))).hashes
    assert found.main_exception == 0


def test_an_exception_without_a_stack_borrows_its_thread_s() -> None:
    threads = {"values": [{"id": 1, "crashed": True, "stacktrace": {"frames": [{"function": "boom"}]}}]}
    crash = {"type": "SIGSEGV", "value": "bad access"}
    one = decoded({"platform": "native", "exception": {"values": [crash]}, "threads": threads})
    assert "frame" in tokens(explain(one, GroupingConfig())[1].component)


class _Loud(Algorithm):
    """A later version that differs."""

    def find(self, event: Event, config: GroupingConfig) -> Found:
        found = super().find(event, config)
        return structs.replace(
            found,
            findings=[
                structs.replace(f, hash=hash_of(["loud", f.hash]) if f.hash else None) for f in found.findings
            ],
        )


def test_a_later_version_stands_beside_this_one() -> None:
    versions = {**ALGORITHMS, "2027-01-01": _Loud()}
    by = GroupingConfig(version="2027-01-01", secondary_version=LATEST)
    found = group(CRASH, by, versions)
    assert found.config_id == "vedette:2027-01-01"
    assert found.secondary == grouped(CRASH).hashes
    assert not set(found.hashes) & set(found.secondary)


def test_an_unknown_version_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        group(CRASH, GroupingConfig(version="1999-01-01"))


def _without_salt(shown: Component) -> str:
    return hash_of(tokens(shown))


EXPLAINED: list[tuple[str, Event, GroupingConfig]] = [
    (f"{side}: {pair.what}", sent, pair.by)
    for pair in [*MUST_JOIN, *MUST_SPLIT]
    for side, sent in (("one", pair.one), ("other", pair.other))
]


@pytest.mark.parametrize(("what", "sent", "by"), EXPLAINED, ids=lambda v: v if isinstance(v, str) else "")
def test_the_explanation_shows_what_was_hashed(what: str, sent: Event, by: GroupingConfig) -> None:
    variants = explain(sent, by)
    shown = [v.hash for v in variants if v.contributes]
    assert tuple(dict.fromkeys(shown)) == group(sent, by).hashes
    for variant in variants:
        if variant.contributes and variant.type == "component":
            assert variant.hash == _without_salt(variant.component)
        assert variant.contributes is (variant.hash is not None)


@pytest.mark.parametrize(
    ("sent", "by", "keys"),
    [
        (said("x", checksum="abc"), GroupingConfig(), ["checksum", "default"]),
        (said("x", fingerprint=["a"]), GroupingConfig(), ["custom-fingerprint", "default"]),
        (said("x", fingerprint=["a", "{{ default }}"]), GroupingConfig(), ["default"]),
        (CRASH, config("type:* -> a"), ["custom-fingerprint", "app", "system"]),
        (event(), GroupingConfig(), ["fallback"]),
        (
            raised(error(type="ChunkLoadError"), platform="javascript"),
            GroupingConfig(),
            ["built-in", "app", "system"],
        ),
    ],
)
def test_the_explanation_shows_who_decided(sent: Event, by: GroupingConfig, keys: list[str]) -> None:
    variants = explain(sent, by)
    assert [v.key for v in variants] == keys
    assert tuple(v.hash for v in variants if v.contributes) == group(sent, by).hashes


def test_every_frame_that_does_not_count_says_why() -> None:
    frames = [
        frame("main", "m"),
        frame(),
        frame("walk", "m"),
        frame("walk", "m"),
        frame("run", "asyncio.runners"),
        frame("hidden", "m"),
    ]
    by = config(stacks="function:hidden -group")
    trees = [v.component for v in explain(raised(error(*frames)), by)]
    hints = [_frame_hints(tree) for tree in trees]
    assert hints[0] == [
        None,
        "nothing is known of it",
        "repeats frames nearer to the crash",
        None,
        "not in-app",
        "taken out by rule: function:hidden -group",
    ]
    assert hints[1][4] is None


def _frame_hints(tree: Component) -> list[str | None]:
    found: list[str | None] = [tree.hint] if tree.id == "frame" else []
    for value in tree.values:
        if isinstance(value, Component):
            found += _frame_hints(value)
    return found


def test_the_explanation_is_ready_for_json() -> None:
    text = msgspec.json.encode(explain(CRASH, GroupingConfig()))
    assert b'"key":"app"' in text


def test_names_of_components_are_for_people() -> None:
    assert Component(id="context-line").name == "context line"
    assert Component(id="value").name == "value"


def test_pairs_are_named_once() -> None:
    names = [p.what for p in [*MUST_JOIN, *MUST_SPLIT]]
    assert len(names) == len(set(names))
    assert isinstance(MUST_JOIN[0], Pair)
