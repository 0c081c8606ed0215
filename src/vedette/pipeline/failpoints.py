"""Failpoints: places between the steps of a batch where a test makes the process stop or die.

`FAILPOINT_OF_VEDETTE=after_t1:kill` kills this process at the first pass; nothing else reads it,
and without it `failpoint` is one comparison.
"""

import os
import signal
from typing import Literal

Name = Literal[
    "after_read", "after_t1", "after_errors", "after_hours", "after_features", "after_outcomes", "after_t2"
]
_WANTED, _, _ACTION = os.environ.get("FAILPOINT_OF_VEDETTE", "").partition(":")


def failpoint(name: Name) -> None:
    """Die or stop here if the environment asks for it."""
    if name == _WANTED:
        os.kill(os.getpid(), signal.SIGSTOP if _ACTION == "stop" else signal.SIGKILL)
