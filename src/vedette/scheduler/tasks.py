"""What the scheduler does, and how often: one table."""

from vedette.config import Settings
from vedette.core.facts import CONSUMERS
from vedette.errors.removal import remove_deleted_events
from vedette.issues.intake import expire_archives, settle_issues
from vedette.scheduler.cleaning import forget_event_ids, forget_quota_windows
from vedette.scheduler.loop import Task
from vedette.scheduler.watermark import watermark
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry


def scheduler_tasks(settings: Settings, records: Records, telemetry: Telemetry) -> list[Task]:
    """The tasks of a running server. Each may run twice without harm."""
    del settings

    def expire(now_us: int) -> None:
        with records.connect() as connection:
            expire_archives(connection, watermark(connection, now_us), CONSUMERS)

    def settle(now_us: int) -> None:
        with records.connect() as connection:
            settle_issues(connection, now_us)

    def remove(now_us: int) -> None:
        while remove_deleted_events(records, telemetry, now_us):
            pass

    return [
        Task("expire archives", 10, expire),
        Task("settle issues", 300, settle),
        Task("remove deleted events", 3600, remove),
        Task("forget event ids", 60, lambda now_us: forget_event_ids(records, now_us)),
        Task("forget quota windows", 60, lambda now_us: forget_quota_windows(records, now_us)),
    ]
