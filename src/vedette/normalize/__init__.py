"""Normalisation: what an SDK sent, read into the canonical event (`vedette.core.event`).

Pure: bytes and facts in, an event out. Each part of an event has one module here; `event.py` is
the table of contents. A part that is already canonical is decoded in C and not touched again;
a part that is not goes through its table in `shapes.py` and is then decoded the same way, so
both roads end in the same event.
"""
