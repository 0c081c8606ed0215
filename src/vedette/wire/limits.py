"""Limits of one envelope as a whole, and the tally of its items against those of their types.

Sizes are of decompressed bytes. Past any limit the whole envelope is refused, as SDKs expect.
"""

import msgspec

from vedette.wire.items import MIB, ItemKind


class TooLarge(ValueError):
    """An envelope past a limit. `what` names it as outcomes do: an item type, or `envelope`."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(detail)
        self.what = what


class Limits(msgspec.Struct, frozen=True):
    """What the server takes in one request."""

    envelope_bytes: int = 200 * MIB
    header_bytes: int = 65_536  # of one header line; real ones stay under 4 KiB
    headers_bytes: int = MIB  # of all header lines, which a reader holds; real ones stay under 64 KiB
    items: int = 1000  # real envelopes stay under 150
    store_bytes: int = MIB


class Tally:
    """Counts and sizes of an envelope's items so far, by group."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._groups: dict[str, tuple[int, int]] = {}
        self._items = 0

    def open(self, item_type: str, kind: ItemKind) -> bool:
        """Count one more item; True when it repeats a singleton. Raises `TooLarge`."""
        self._items += 1
        if self._items > self._limits.items:
            raise TooLarge("envelope", f"more than {self._limits.items} items")
        count, size = self._groups.get(kind.group, (0, 0))
        self._groups[kind.group] = (count + 1, size)
        if not kind.singleton and count >= kind.max_count:
            raise TooLarge(item_type, f"more than {kind.max_count} {item_type} items")
        return kind.singleton and count > 0

    def close(self, item_type: str, kind: ItemKind, size: int, entries: int) -> None:
        """Count an item's size. `entries`: of a container, 0 when not said. Raises `TooLarge`."""
        check_alone(item_type, kind, size, entries)
        count, before = self._groups[kind.group]
        self._groups[kind.group] = (count, before + size)
        if not kind.singleton and before + size > kind.group_bytes:
            raise TooLarge(item_type, f"{item_type} items are over {kind.group_bytes} bytes together")


def check_alone(item_type: str, kind: ItemKind, size: int, entries: int) -> None:
    """What holds of an item by itself, and all there is to hold of the only one. Raises `TooLarge`."""
    check_size(item_type, kind, size)
    if kind.entry_bytes and entries > 0 and size > kind.entry_bytes * entries:
        raise TooLarge(item_type, f"{item_type} entries average over {kind.entry_bytes} bytes")


def check_size(item_type: str, kind: ItemKind, size: int) -> None:
    """Raises `TooLarge` when an item of `size` bytes is over its type's limit."""
    if size > kind.max_bytes:
        raise TooLarge(item_type, f"{item_type} item is {size} bytes, limit is {kind.max_bytes}")
