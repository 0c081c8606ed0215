"""Leases: who may act as a singleton. By the database's rows, with a fencing number."""

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from vedette.storage.records.database import Records
from vedette.storage.records.schema import Lease


def take_lease(records: Records, name: str, owner: str, *, now_us: int, for_us: int) -> int | None:
    """Take or renew a lease; its fencing number, or None while another owner holds it.

    The number grows with each change of owner, so that what a former owner still does
    late can be told from what the present one does.
    """
    with records.write() as session:
        lease = session.scalar(select(Lease).where(Lease.name == name).with_for_update())
        if lease is None:
            try:
                session.execute(
                    insert(Lease).values(name=name, owner=owner, fence=1, until_us=now_us + for_us)
                )
                session.flush()
            except IntegrityError:
                session.rollback()
                return None
            return 1
        if lease.owner != owner and lease.until_us > now_us:
            return None
        fence = lease.fence + (lease.owner != owner)
        session.execute(
            update(Lease).where(Lease.name == name).values(owner=owner, fence=fence, until_us=now_us + for_us)
        )
        return fence


def release_lease(records: Records, name: str, owner: str) -> None:
    with records.write() as session:
        session.execute(update(Lease).where(Lease.name == name, Lease.owner == owner).values(until_us=0))
