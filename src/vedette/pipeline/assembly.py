"""A worker put together from its stores."""

from collections.abc import Sequence
from pathlib import Path

from vedette.core.time import Clock
from vedette.pipeline.batch import make_batch
from vedette.pipeline.configs import ConfigStore
from vedette.pipeline.pause import Pause
from vedette.pipeline.ranges import Claim
from vedette.pipeline.units import Batch
from vedette.pipeline.worker import ReadBody, Worker
from vedette.spool.letters import DeadLetters
from vedette.spool.record import Spooled
from vedette.storage.records.database import Records
from vedette.storage.telemetry.client import Telemetry


def assemble_worker(
    records: Records,
    telemetry: Telemetry,
    *,
    clock: Clock,
    owner: str,
    dead_letters: Path,
    retention_days: int,
) -> Worker:
    """A worker. `owner` names this very process; `records` must be durable: the spool forgets what it has committed."""
    configs = ConfigStore(records, retention_days=retention_days)

    def make(
        claim: Claim, spooled: Sequence[Spooled], read_body: ReadBody, epoch: int, most_bytes: int | None
    ) -> Batch:
        return make_batch(claim, spooled, read_body, configs.at(epoch), most_bytes=most_bytes)

    return Worker(
        records,
        telemetry,
        make_batch=make,
        newest_epoch=configs.newest_epoch,
        clock=clock,
        owner=owner,
        letters=DeadLetters(dead_letters, clock=clock),
        is_paused=Pause(records, clock).is_on,
    )
