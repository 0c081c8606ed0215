"""Who may send: key, project, origin, quota. Knows the key directory; knows no bodies."""

from collections.abc import Sequence

import msgspec

from vedette.core.outcomes import Category, Outcome
from vedette.projects.keys import KeyInfo, Keys, KeysUnavailable
from vedette.projects.rates import RATED_CATEGORIES
from vedette.receive.refusal import Counted, Refusal
from vedette.receive.request import Request
from vedette.wire.auth import AuthError, Credentials, read_credentials
from vedette.wire.origins import is_allowed
from vedette.wire.rate_limits import RateLimit

KEYS_RETRY_AFTER_S = 5


class Verdict(msgspec.Struct, frozen=True):
    """What the limits leave of a request. `limited`: categories used up, for the record."""

    limits: tuple[RateLimit, ...] = ()
    limited: tuple[str, ...] = ()
    is_nothing_left: bool = False


_PASSED = Verdict()


class Gate:
    """Decides on each request, from memory."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def credentials(self, request: Request, *, dsn: str = "") -> Credentials | None:
        """Credentials of the request or its envelope's DSN, None when it has none. Raises `Refusal`."""
        if request.route.is_malformed:
            raise Refusal(400, "malformed project id in the path", "project_id")
        try:
            found = read_credentials(request.headers, request.query, dsn=dsn)
        except AuthError as error:
            raise Refusal(error.status, error.detail, error.reason) from error
        if not dsn:
            request.credentials = found
        return found

    def passes(self, request: Request, *, dsn: str = "") -> KeyInfo | None:
        """The key of a request that may send whatever it likes, told from memory; None where it is not that plain.

        It may ask again, for another message with its head: what was found of its key holds while that is the same.
        """
        try:
            credentials = (not dsn and request.credentials) or self.credentials(request, dsn=dsn)
            key = None if credentials is None else self._keys.known(credentials.public_key)
            if credentials is None or key is None or key.rate is not None or self._keys.limits(key):
                return None
            if key is request.key and not dsn:
                return key
            _check_key(key, request, credentials)
        except Refusal:
            return None
        request.key, request.sentry_client = key, credentials.client
        return key

    async def admit(self, request: Request, credentials: Credentials | None) -> KeyInfo:
        """The key a request was sent with, if it may send here. Raises `Refusal`."""
        if credentials is None:
            raise Refusal(401, "no credentials: send x-sentry-auth, sentry_key or a dsn", "no_auth")
        try:
            key = await self._keys.find(credentials.public_key)
        except KeysUnavailable as error:
            raise Refusal(
                503,
                "keys cannot be checked now",
                "keys_unavailable",
                outcome=Outcome.RATE_LIMITED,
                retry_after_s=KEYS_RETRY_AFTER_S,
            ) from error
        if key is None:
            raise Refusal(403, "unknown key", "unknown_key")
        request.key, request.sentry_client = key, credentials.client
        _check_key(key, request, credentials)
        return key

    async def weigh(self, key: KeyInfo, items: Sequence[Counted]) -> Verdict:
        """Which of the items are over a limit. Client reports never are."""
        limits = self._keys.limits(key)
        if not limits and key.rate is None:
            return _PASSED
        categories = {item.category for item in items} - {Category.INTERNAL}
        hit = {category for category in categories if any(limit.covers(category) for limit in limits)}
        own = await self._take(key, items, hit)
        if own is not None:
            limits = (*limits, own)
            hit |= {category for category in categories if own.covers(category)}
        if not hit:
            return Verdict(limits)
        if Category.ATTACHMENT in categories and categories & _EVENTS <= hit and categories & _EVENTS:
            hit.add(Category.ATTACHMENT)  # attachments follow their event
        is_nothing_left = all(item.category in hit for item in items)
        return Verdict(limits, tuple(sorted(hit)), is_nothing_left)

    async def _take(self, key: KeyInfo, items: Sequence[Counted], hit: set[str]) -> RateLimit | None:
        if key.rate is None:
            return None
        rated = [item.quantity for item in items if item.category in RATED_CATEGORIES]
        if not rated or any(item.category in hit for item in items if item.category in RATED_CATEGORIES):
            return None
        return await self._keys.take(key, sum(rated))


_EVENTS = {Category.ERROR, Category.DEFAULT, Category.SECURITY, Category.TRANSACTION, Category.FEEDBACK}


def over_limit(verdict: Verdict, items: Sequence[Counted]) -> Refusal:
    """The 429 for a request of which some or all items are over a limit."""
    hit = [limit for limit in verdict.limits if any(limit.covers(name) for name in verdict.limited)]
    reason = hit[0].reason or "quota"
    return Refusal(
        429,
        f"rate limit reached: {', '.join(sorted({f'{limit.scope} ({limit.reason})' for limit in hit}))}",
        reason,
        outcome=Outcome.RATE_LIMITED,
        limits=verdict.limits,
        items=tuple(items),
    )


def _check_key(key: KeyInfo, request: Request, credentials: Credentials) -> None:
    if not key.is_active:
        raise Refusal(403, "key is disabled or revoked", "disabled_key")
    if not (key.is_project_active and key.is_organization_active):
        raise Refusal(403, "project is gone", "project_gone")
    for named in (request.route.project_id, credentials.project_id):
        if named is not None and named != key.project_id:
            raise Refusal(403, "key belongs to another project", "project_id")
    if not is_allowed(request.said.origin, key.origins):
        raise Refusal(403, "origin is not allowed", "cors")
