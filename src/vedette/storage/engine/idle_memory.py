"""Giving memory back while nobody asks anything. Linux only; elsewhere it does nothing.

Loading chDB maps about 130 MB of its 550 MB library by read-ahead, of which an idle engine
uses little. Dropping the mapping costs the next query a few page faults from the page cache.
"""

import ctypes
import sys
from pathlib import Path

_MADV_DONTNEED = 4
_LIBRARY = "_chdb.abi3.so"


def give_back_library_pages() -> None:
    """Unmap the library's pages that were only read; they come back from the page cache when used.

    Only mappings without a page of our own are touched: dropping those would lose relocations.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    for start, end in _clean_mappings(Path("/proc/self/smaps").read_text()):
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def _clean_mappings(smaps: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    span: tuple[int, int] | None = None
    for line in smaps.splitlines():
        head, _, rest = line.partition(" ")
        if not head.endswith(":"):
            low, _, high = head.partition("-")
            clean = rest.startswith(("r-xp", "r--p")) and line.endswith(_LIBRARY)
            span = (int(low, 16), int(high, 16)) if clean else None
        elif span and head == "Anonymous:" and rest.split()[0] == "0":
            found.append(span)
    return found
