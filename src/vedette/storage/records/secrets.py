"""Secrets of the whole server, made once and kept in the records store."""

import secrets

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from vedette.storage.records.database import Records
from vedette.storage.records.schema import ServerSetting

_SIGNING_KEY = "signing_key"


def signing_key(records: Records, now_us: int) -> str:
    """The key that signs cookies and links; every web process reads the same."""
    with records.read() as session:
        found = session.get(ServerSetting, _SIGNING_KEY)
        if found is not None:
            return str(found.value["key"])
    try:
        with records.write() as session:
            value = {"key": secrets.token_urlsafe(48)}
            session.execute(insert(ServerSetting).values(name=_SIGNING_KEY, value=value, updated_us=now_us))
        return value["key"]
    except IntegrityError:  # another process was first
        return signing_key(records, now_us)
