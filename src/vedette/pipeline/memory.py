"""The pipeline's memory between ranges: kept while there is work, given back while there is none.

A range needs some 60 MB and lets go of them at its end. Left to itself the C library returns them to
the system each time, and the next range pays for new pages: 10 to 30 µs an event.
"""

import contextlib
import ctypes
import gc
import sys

_M_TRIM_THRESHOLD = -1
_KEPT_BYTES = 128 << 20


def keep_freed() -> None:
    """Let up to 128 MiB of freed memory stay with this process, and cycles until `give_back`.

    Batches are trees: looking through thousands of live objects for cycles cost 2 % of the work.
    """
    gc.disable()
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # musl has no such function
            ctypes.CDLL(None).mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def give_back() -> None:
    """Free what cycles hold, and return what is free to the system."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
