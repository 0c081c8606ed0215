"""Remarks: what the server changed in a payload, kept in `_meta` beside it.

`_meta` mirrors the payload; the annotation of a value stands under the key `""` of its node:
`{"exception": {"values": {"0": {"value": {"": {"rem": [["!limit", "s", 509, 512]], "len": 9000}}}}}}`.
"""

from collections.abc import Iterator
from typing import Literal, cast

import msgspec
from msgspec import Raw

from vedette.core.event import present

Path = tuple[str | int, ...]
Kind = Literal["x", "s", "m", "p", "a"]  # removed, substituted, masked, pseudonymised, annotated

_MAX_REMARKS = 500  # a body made to be remarked on must not grow by its remarks
_MAX_SENT_BYTES = 256 * 1024
_Node = dict[str, object]
_decode = msgspec.json.Decoder(_Node).decode


class Remarks:
    """Remarks collected while an event is processed, then merged with those the client sent."""

    __slots__ = ("_count", "_root")

    def __init__(self) -> None:
        self._root: _Node = {}
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(
        self,
        path: Path,
        rule: str,
        kind: Kind,
        span: tuple[int, int] | None = None,
        length: int | None = None,
    ) -> None:
        """Remember that `rule` changed the value at `path`.

        `span` is the changed range in the new text, `length` the size before; both in characters.
        """
        if self._count >= _MAX_REMARKS:
            return
        self._count += 1
        note = _child(_descend(self._root, path), "")
        remarks = cast("list[object]", note.setdefault("rem", []))
        remarks.append([rule, kind, *span] if span else [rule, kind])
        if length is not None:
            note.setdefault("len", length)

    def merged(self, sent: Raw) -> Raw:
        """The `_meta` to store: the client's with ours added. Unreadable client remarks give way."""
        if not self._count:
            return sent
        root: _Node = {}
        if present(sent) and len(bytes(sent)) <= _MAX_SENT_BYTES:
            try:
                root = _decode(sent)
            except (msgspec.MsgspecError, RecursionError):
                root = {}
        _graft(root, self._root)
        return Raw(msgspec.json.encode(root))

    def __iter__(self) -> Iterator[tuple[str, object]]:
        return iter(self._root.items())


def _descend(node: _Node, path: Path) -> _Node:
    for step in path:
        if step == "":
            break  # that name is taken by the annotations: said of the object around it
        node = _child(node, str(step))
    return node


def _child(node: _Node, key: str) -> _Node:
    child = node.get(key)
    if not isinstance(child, dict):
        child = node[key] = {}
    return cast("_Node", child)


def _graft(into: _Node, ours: _Node) -> None:
    """Add `ours` to `into`. Only as deep as our own paths, which are short."""
    for key, value in ours.items():
        there = into.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            _graft(cast("_Node", there), cast("_Node", value))
        elif isinstance(there, list) and isinstance(value, list):
            cast("list[object]", there).extend(cast("list[object]", value))
        else:
            into[key] = value
