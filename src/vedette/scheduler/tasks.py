"""What the scheduler does, and how often: one table."""

from vedette.config import Settings
from vedette.issues.intake import expire_archives, settle_issues
from vedette.scheduler.cleaning import forget_event_ids, forget_quota_windows
from vedette.scheduler.loop import Task
from vedette.scheduler.watermark import watermark
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

FACT_CONSUMERS = ("alerts",)  # who is told of what happens to issues


def scheduler_tasks(settings: Settings, records: Records, telemetry: Telemetry) -> list[Task]:
    """The tasks of a running server. Each may run twice without harm."""
    del settings, telemetry

    def expire(now_us: int) -> None:
        with records.connect() as connection:
            expire_archives(connection, watermark(connection, now_us), FACT_CONSUMERS)

    def settle(now_us: int) -> None:
        with records.connect() as connection:
            settle_issues(connection, now_us)

    return [
        Task("expire archives", 10, expire),
        Task("settle issues", 300, settle),
        Task("forget event ids", 60, lambda now_us: forget_event_ids(records, now_us)),
        Task("forget quota windows", 60, lambda now_us: forget_quota_windows(records, now_us)),
    ]
