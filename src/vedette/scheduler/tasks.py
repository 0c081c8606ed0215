"""What the scheduler does, and how often: one table."""

from vedette.alerts.consume import AT_ONCE, consume_facts
from vedette.alerts.sending import forget_deliveries
from vedette.config import Settings
from vedette.core.facts import CONSUMERS
from vedette.errors.removal import remove_deleted_events
from vedette.issues.intake import expire_archives, settle_issues
from vedette.scheduler.cleaning import forget_event_ids, forget_quota_windows
from vedette.scheduler.loop import Task
from vedette.scheduler.watermark import watermark
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry

_FULL_ROUNDS = 20  # of facts, before other tasks have their turn


def scheduler_tasks(settings: Settings, records: Records, telemetry: Telemetry) -> list[Task]:
    """The tasks of a running server. Each may run twice without harm."""
    can_mail = bool(settings.smtp_url)

    def expire(now_us: int) -> None:
        with records.connect() as connection:
            expire_archives(connection, watermark(connection, now_us), CONSUMERS)

    def settle(now_us: int) -> None:
        with records.connect() as connection:
            settle_issues(connection, now_us)

    def remove(now_us: int) -> None:
        while remove_deleted_events(records, telemetry, now_us):
            pass

    def tell(now_us: int) -> None:
        for _ in range(_FULL_ROUNDS):
            if consume_facts(records, settings.base_url, now_us, can_mail=can_mail) < AT_ONCE:
                return

    return [
        Task("tell of facts", 1, tell),
        Task("forget deliveries", 3600, lambda now_us: forget_deliveries(records, now_us)),
        Task("expire archives", 10, expire),
        Task("settle issues", 300, settle),
        Task("remove deleted events", 3600, remove),
        Task("forget event ids", 60, lambda now_us: forget_event_ids(records, now_us)),
        Task("forget quota windows", 60, lambda now_us: forget_quota_windows(records, now_us)),
    ]
