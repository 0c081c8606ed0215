"""Spans as a tree: every span once, whatever their parents say."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.support.spans import span_row
from vedette.tracing.tree import Node, tree_of
from vedette.tracing.views import TraceEvent, nested


def shape(nodes: list[Node]) -> list[object]:
    return [
        (node.span.span_id, shape(node.children)) if node.children else node.span.span_id for node in nodes
    ]


def test_children_lie_below_their_parents_by_start():
    spans = [span_row(1), span_row(3, 1, ts=2), span_row(2, 1, ts=5), span_row(4, 3, ts=6)]
    assert shape(tree_of(spans)) == [(1, [(3, [4]), 2])]


def test_spans_without_their_parent_are_orphans_beside_the_roots():
    first, second = tree_of([span_row(1), span_row(2, 99, ts=5)])
    assert (first.is_orphan, second.is_orphan) == (False, True)


def test_of_a_circle_the_earliest_is_the_root():
    assert shape(tree_of([span_row(1, 2, ts=1), span_row(2, 1, ts=2), span_row(3, 3, ts=3)])) == [(1, [2]), 3]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=30))
def test_every_span_is_in_the_tree_once(pairs: list[tuple[int, int]]):
    spans = list({own: span_row(own, parent, ts=own) for own, parent in pairs}.values())
    seen: list[int] = []

    def walk(nodes: list[Node]) -> None:
        for node in nodes:
            seen.append(node.span.span_id)
            walk(node.children)

    walk(tree_of(spans))
    assert sorted(seen) == sorted(span.span_id for span in spans)


def test_an_errors_place_is_its_span_or_the_end():
    events = [TraceEvent(1, False, {"n": "on"}), TraceEvent(9, True, {"n": "off"})]
    span, error = msgspec.to_builtins(nested(tree_of([span_row(1)]), {7: "api"}, events))
    assert span["errors"] == [{"n": "on"}]
    assert error == {"n": "off"}


def test_a_trace_deeper_than_any_json_reader_is_cut_and_loses_nothing():
    chain = [span_row(number, number - 1, ts=number) for number in range(1, 5001)]
    depth = count = 0
    level = msgspec.to_builtins(nested(tree_of(chain), {}, []))
    while level:
        depth += 1
        count += len(level)
        level = [child for view in level for child in view["children"]]
    assert (count, depth) == (5000, 101)
