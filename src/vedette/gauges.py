"""The figures of `/metrics` that are looked up when somebody asks: spool, stores, processes."""

from collections.abc import Callable

from sqlalchemy import func, or_, select

from vedette.api.health import may_see_server, roles_of, spool_of
from vedette.core.time import SECOND_US, Clock
from vedette.folder import DataFolder
from vedette.projects.credentials import caller_of_token
from vedette.projects.errors import Refused
from vedette.prometheus import Sample, counted, disk_sample
from vedette.storage.records.database import Records
from vedette.storage.records.schema import Delivery, SpoolCursor
from vedette.storage.telemetry.client import Telemetry

_SILENT_US = 900 * SECOND_US
_IDLE_US = (
    20 * SECOND_US
)  # an idle pipeline says every few seconds how far it is, and leaves out the newest ten


def gauges_of(
    records: Records, telemetry: Telemetry, folder: DataFolder, clock: Clock
) -> Callable[[], list[Sample]]:
    """Collects all samples of this node."""

    def collect() -> list[Sample]:
        return [
            *counted(folder.run),
            *_spool(folder),
            *_records(records, clock()),
            ("vedette_engine_up", (), float(telemetry.ping())),
            *_processes(folder),
            disk_sample(folder.path),
        ]

    return collect


def permits_of(records: Records, clock: Clock) -> Callable[[str], bool]:
    """Whether an API token may read the metrics: as for the health page."""

    def permits(token: str) -> bool:
        with records.read() as session:
            try:
                caller = caller_of_token(session, token, address="", now_us=clock())
            except Refused:
                return False
            return may_see_server(session, caller)

    return permits


def _spool(folder: DataFolder) -> list[Sample]:
    spool = spool_of(folder)
    return [("vedette_spool_bytes", (), spool["bytes"]), ("vedette_dead_letters", (), spool["deadLetters"])]


def _records(records: Records, now_us: int) -> list[Sample]:
    table = SpoolCursor
    with records.read() as session:
        alive = table.updated_us > now_us - _SILENT_US
        opened = session.scalar(select(func.min(table.range_opened_us)).where(alive))
        is_behind = or_(table.range_opened_us.is_not(None), table.received_us < now_us - _IDLE_US)
        received = session.scalar(
            select(func.min(table.received_us)).where(alive, is_behind, table.received_us > 0)
        )
        states = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
    behind = max(0, now_us - received) / SECOND_US if received else 0.0
    return [
        ("vedette_spool_oldest_seconds", (), max(0, now_us - opened) / SECOND_US if opened else 0.0),
        ("vedette_pipeline_records_behind_seconds", (), behind),
        *(("vedette_deliveries", (("state", state),), count) for state, count in sorted(states)),
    ]


def _processes(folder: DataFolder) -> list[Sample]:
    samples: list[Sample] = []
    for role in roles_of(folder.roles):
        name = (("role", str(role["name"])),)
        samples.append(("vedette_process_up", name, float(role["up"])))
        samples.append(("vedette_process_restarts_total", name, role["restarts"]))
        if role["memoryMb"] is not None:
            samples.append(("vedette_process_memory_bytes", name, role["memoryMb"] * 1048576))
    return samples
