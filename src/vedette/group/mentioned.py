"""What the frames of an event are called, for whoever keeps the event."""

from collections.abc import Sequence
from sys import getsizeof

import msgspec

from vedette.core.event import Frame

_Texts = dict[str, None]  # each once, in order


class Mentioned(msgspec.Struct, frozen=True, gc=False):
    """Each name once, in the order of the frames. Shared by events with the same stacks: not to be changed."""

    filenames: list[str]
    functions: list[str]
    modules: list[str]
    paths: list[str]
    packages: list[str]
    in_app: list[bool]

    @property
    def size_bytes(self) -> int:
        """What it takes, told too high where frames share their texts."""
        lists = (self.filenames, self.functions, self.modules, self.paths, self.packages)
        return sum([60 * len(texts) + getsizeof("".join(texts)) for texts in lists])


def mentioned_by(frames: Sequence[Frame]) -> Mentioned:
    """The names in the frames. One loop: there may be hundreds of them."""
    filenames: _Texts = {}
    functions: _Texts = {}
    modules: _Texts = {}
    paths: _Texts = {}
    packages: _Texts = {}
    in_app: set[bool] = set()
    for frame in frames:
        if text := frame.filename:
            filenames[text] = None
        if text := frame.function:
            functions[text] = None
        if text := frame.module:
            modules[text] = None
        if text := frame.abs_path:
            paths[text] = None
        if text := frame.package:
            packages[text] = None
        in_app.add(frame.in_app is True)
    return Mentioned([*filenames], [*functions], [*modules], [*paths], [*packages], sorted(in_app))
