"""What the scheduler does, and how often: one table."""

from vedette.alerts.consume import AT_ONCE, consume_facts
from vedette.alerts.sending import forget_deliveries
from vedette.config import Settings
from vedette.core.facts import CONSUMERS
from vedette.folder import DataFolder
from vedette.issues.intake import expire_archives, settle_issues
from vedette.scheduler.cleaning import EventIds, forget_quota_windows
from vedette.scheduler.deleting import forget_jobs, run_deletions
from vedette.scheduler.letting_go import expire, free_bytes_of, free_disk
from vedette.scheduler.loop import Task
from vedette.scheduler.watermark import Watermark
from vedette.storage.records.database import Records
from vedette.storage.sizes import measure, note_sizes
from vedette.storage.telemetry.client import Telemetry

_FULL_ROUNDS = 20  # of facts, before other tasks have their turn


def scheduler_tasks(settings: Settings, records: Records, telemetry: Telemetry) -> list[Task]:
    """The tasks of a running server. Each may run twice without harm."""
    can_mail = bool(settings.smtp_url)
    watermark = Watermark(records)

    def end_archives(now_us: int) -> None:
        done_us = watermark.at(now_us)
        with records.connect() as connection:
            expire_archives(connection, done_us, CONSUMERS)

    def settle(now_us: int) -> None:
        with records.connect() as connection:
            settle_issues(connection, now_us)

    def tell(now_us: int) -> None:
        for _ in range(_FULL_ROUNDS):
            if consume_facts(records, settings.base_url, now_us, can_mail=can_mail) < AT_ONCE:
                return

    folder = DataFolder(settings.data)

    def measure_stores(now_us: int) -> None:
        note_sizes(records, measure(records, telemetry, folder.spool), now_us)

    def free(now_us: int) -> None:
        free_disk(
            records,
            telemetry,
            free_bytes=free_bytes_of(settings.data),
            mark_bytes=settings.min_free_mb << 20,
            now_us=now_us,
        )

    return [
        Task("tell of facts", 1, tell),
        Task("forget deliveries", 3600, lambda now_us: forget_deliveries(records, now_us)),
        Task("expire archives", 10, end_archives),
        Task("delete", 5, lambda now_us: run_deletions(records, telemetry, now_us, watermark.at(now_us))),
        Task("forget jobs", 3600, lambda now_us: forget_jobs(records, now_us)),
        Task("expire", 600, lambda now_us: expire(records, telemetry, settings.retention_days, now_us)),
        Task("measure", 3600, measure_stores),
        *([Task("free disk", 30, free)] if not settings.clickhouse_url else []),
        Task("settle issues", 300, settle),
        Task("forget event ids", 60, EventIds(records).forget),
        Task("forget quota windows", 60, lambda now_us: forget_quota_windows(records, now_us)),
    ]
