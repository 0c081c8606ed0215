"""The secret that signs cookies and links: made at first use, the same for every node."""

import secrets

from sqlalchemy.exc import IntegrityError

from vedette.storage.records.database import Records
from vedette.storage.records.schema import ServerSetting

_NAME = "signing_key"


def signing_key(records: Records, now_us: int) -> str:
    """The server's signing key from the records store, made if it is not there yet."""
    try:
        with records.write() as session:
            row = session.get(ServerSetting, _NAME)
            if row is None:
                row = ServerSetting(name=_NAME, value={"key": secrets.token_urlsafe(48)}, updated_us=now_us)
                session.add(row)
                session.flush()
            return str(row.value["key"])
    except IntegrityError:  # another process made it in the same moment
        return signing_key(records, now_us)
