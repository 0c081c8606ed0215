"""Slowing down whoever guesses: attempts counted in the records store, over all processes.

Counted before the attempt is made, so that many at once do not slip through.
"""

import hashlib
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vedette.core.time import MINUTE_US, SECOND_US
from vedette.projects.errors import TooMany
from vedette.storage.records.database import Records
from vedette.storage.records.portable import upsert
from vedette.storage.records.schema import QuotaUsage

WINDOW_US = 15 * MINUTE_US
PER_ACCOUNT = 10
PER_ADDRESS = 60  # an office behind one address has several forgetful people
Purpose = Literal["login", "recover"]


def attempt(records: Records, purpose: Purpose, *, account: str, address: str, now_us: int) -> None:
    """Count one attempt. Raises `TooMany` when the account or the address has had its share."""
    window_us = now_us - now_us % WINDOW_US
    with records.write() as session:
        session.execute(
            delete(QuotaUsage).where(QuotaUsage.scope == purpose, QuotaUsage.window_us < window_us)
        )
        by_account = _add(session, purpose, "account", account, window_us)
        by_address = _add(session, purpose, "address", address, window_us)
    if by_account > PER_ACCOUNT or by_address > PER_ADDRESS:
        retry_after_s = (window_us + WINDOW_US - now_us) // SECOND_US + 1
        raise TooMany("too many attempts: wait a few minutes", retry_after_s)


def forgive(records: Records, purpose: Purpose, *, account: str) -> None:
    """Forget an account's attempts after one that was right."""
    with records.write() as session:
        session.execute(
            delete(QuotaUsage).where(
                QuotaUsage.scope == purpose,
                QuotaUsage.scope_id == _number(account),
                QuotaUsage.category == "account",
            )
        )


def _add(session: Session, purpose: Purpose, category: str, text: str, window_us: int) -> int:
    key = {"scope": purpose, "scope_id": _number(text), "category": category, "window_us": window_us}
    statement = upsert(session.get_bind().dialect.name, QuotaUsage).values(**key, quantity=1)
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"quantity": QuotaUsage.quantity + 1})
    )
    return session.scalars(select(QuotaUsage.quantity).filter_by(**key)).one()


def _number(text: str) -> int:
    """63 bits of a hash: what is counted needs no name."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1
