"""Spans of a trace as a tree. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from vedette.tracing.query import SpanRow


class Node(NamedTuple):
    """A span and what lies below it, by start. `is_orphan`: its parent was named and is not here."""

    span: SpanRow
    children: "list[Node]"
    is_orphan: bool = False


def tree_of(spans: Sequence[SpanRow]) -> list[Node]:
    """The roots, by start. Each span is in the tree once; of a circle the earliest is a root.

    `spans` come by start, each id once.
    """
    nodes = {span.span_id: Node(span, []) for span in spans}
    roots = [
        span for span in spans if span.parent_span_id not in nodes or span.parent_span_id == span.span_id
    ]
    below: defaultdict[int, list[SpanRow]] = defaultdict(list)
    for span in spans:
        below[span.parent_span_id].append(span)
    placed: set[int] = set()
    found = [_grown(root, nodes, below, placed) for root in roots]
    for span in spans:  # what is left goes in circles
        if span.span_id not in placed:
            found.append(_grown(span, nodes, below, placed))
    return sorted(found, key=lambda node: node.span.ts)


def _grown(root: SpanRow, nodes: dict[int, Node], below: dict[int, list[SpanRow]], placed: set[int]) -> Node:
    """The root with everything below it; without recursion: a trace may be as deep as it is long."""
    placed.add(root.span_id)
    waiting = [root]
    while waiting:
        span = waiting.pop()
        for child in below.get(span.span_id, ()):
            if child.span_id not in placed:
                placed.add(child.span_id)
                nodes[span.span_id].children.append(nodes[child.span_id])
                waiting.append(child)
    return nodes[root.span_id]._replace(is_orphan=bool(root.parent_span_id))
