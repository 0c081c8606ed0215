"""Why a request is refused: what the sender is told, and how it is counted."""

from typing import Literal

import msgspec

from vedette.core.outcomes import Category, Outcome
from vedette.wire.rate_limits import RateLimit


class Counted(msgspec.Struct, frozen=True):
    """So many items of a category, refused."""

    category: str
    quantity: int = 1


class Refusal(Exception):
    """Ends a request with `status` and counts an outcome.

    `items` is one of category `default` when the request was refused before its items
    were known. Project and key are those of the request, see `Request.key`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        reason: str,
        *,
        outcome: Outcome = Outcome.INVALID,
        causes: tuple[str, ...] = (),
        limits: tuple[RateLimit, ...] = (),
        retry_after_s: int = 0,
        items: tuple[Counted, ...] = (Counted(Category.DEFAULT),),
        form: Literal["detail", "error"] = "detail",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.reason = reason
        self.outcome = outcome
        self.causes = causes
        self.limits = limits
        self.retry_after_s = retry_after_s
        self.items = items
        self.form: Literal["detail", "error"] = form  # the body's one key


class ClientGone(Exception):
    """The client hung up before its request was complete; there is nobody to answer."""
