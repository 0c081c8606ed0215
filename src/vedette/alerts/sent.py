"""What came of sending one message."""

import msgspec


class Sent(msgspec.Struct, frozen=True):
    """`is_final`: trying again would not help. `detail` holds no secrets."""

    ok: bool
    detail: str = ""
    status: int | None = None
    is_final: bool = False
