"""The first start: an account, an organization and a project, or a link to make them."""

import msgspec

from vedette.config import Settings
from vedette.projects.setup import FirstRun, create_first, first_dsn, is_needed, new_setup_token
from vedette.storage.records.database import Records


class Started(msgspec.Struct, frozen=True):
    """What the lines at the start tell. Empty fields are not shown."""

    dsn: str = ""
    setup_token: str = ""
    email: str = ""
    password: str = ""  # only on the first start


def begin(records: Records, settings: Settings, now_us: int) -> Started:
    """Make what the settings name on an empty store; otherwise say what is there."""
    with records.read() as session:
        if not is_needed(session):
            return Started(dsn=first_dsn(session, settings.base_url) or "")
    if not (settings.admin_email and settings.admin_password):
        return Started(setup_token=new_setup_token(records, now_us) or "")
    first = FirstRun(
        email=settings.admin_email,
        password=settings.admin_password,
        organization=settings.org or "acme",
        project=settings.project,
    )
    made = create_first(records, first, settings, now_us)
    return Started(dsn=made.dsn, email=settings.admin_email, password=settings.admin_password)
