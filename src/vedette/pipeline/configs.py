"""Projects' configuration as it was at an epoch, decoded once per change."""

from collections.abc import Callable

import msgspec
from sqlalchemy import func, select

from vedette.errors.process import ErrorConfig, look_for
from vedette.filters.inbound import FilterSettings
from vedette.group import GroupingConfig, parse_fingerprint_rules, parse_stack_trace_rules
from vedette.projects.handling import Handling
from vedette.projects.options import Filters, PipelineConfig, Scrubbing
from vedette.scrub.rules import ScrubSettings, compile_settings
from vedette.storage.records.database import Records
from vedette.storage.records.schema import ConfigChange
from vedette.tracing.prices import Price
from vedette.tracing.process import TracingConfig

_KEPT = 10_000  # decoded configurations; a project that comes back is decoded again


class ProjectConfig(msgspec.Struct, frozen=True):
    """What a project says, at one epoch, as each feature takes it."""

    errors: ErrorConfig
    tracing: TracingConfig


class ConfigStore:
    """Reads `config_changes`. One a process; not thread-safe."""

    def __init__(self, records: Records, *, retention_days: int) -> None:
        self._records = records
        self._retention_days = retention_days
        self._decoded: dict[int, ProjectConfig] = {}  # by epoch of the change
        self._changes: dict[int, list[int]] = {}  # project → its epochs, growing
        self._known_to = 0

    def newest_epoch(self) -> int:
        """The epoch that a range opened now is processed under."""
        with self._records.read() as session:
            newest = session.scalar(select(func.max(ConfigChange.epoch))) or 0
            if newest > self._known_to:
                rows = session.execute(
                    select(ConfigChange.epoch, ConfigChange.project_id)
                    .where(ConfigChange.epoch > self._known_to)
                    .order_by(ConfigChange.epoch)
                ).all()
                for epoch, project_id in rows:
                    self._changes.setdefault(project_id, []).append(epoch)
                self._known_to = newest
        return newest

    def at(self, epoch: int) -> "EpochConfigs":
        if epoch > self._known_to:
            self.newest_epoch()
        return EpochConfigs(lambda project_id: self._config(project_id, epoch))

    def _config(self, project_id: int, epoch: int) -> ProjectConfig:
        changed = max((e for e in self._changes.get(project_id, ()) if e <= epoch), default=0)
        found = self._decoded.get(changed)
        if found is None:
            if len(self._decoded) >= _KEPT:
                self._decoded.clear()
            found = self._decoded[changed] = self._decode(changed)
        return found

    def _decode(self, epoch: int) -> ProjectConfig:
        """The configuration written at an epoch; the defaults for 0, a project's before its first."""
        with self._records.read() as session:
            stored = session.scalar(select(ConfigChange.config).where(ConfigChange.epoch == epoch))
        return project_config(msgspec.convert(stored or {}, PipelineConfig), self._retention_days)


def project_config(stored: PipelineConfig, retention_days: int) -> ProjectConfig:
    """What a project's options mean to the stages of its items."""
    grouping = GroupingConfig(
        fingerprint_rules=parse_fingerprint_rules(stored.grouping.fingerprint_rules),
        stack_trace_rules=parse_stack_trace_rules(stored.grouping.stack_rules),
    )
    handling = Handling(
        scrubber=compile_settings(scrub_settings(stored.scrubbing)),
        store_ips=stored.scrubbing.store_ips,
        keep_days=stored.retention_days or retention_days,
    )
    filters = filter_settings(stored.filters)
    return ProjectConfig(
        ErrorConfig(handling, look_for(handling.scrubber), filters, grouping),
        TracingConfig(handling, filters, model_prices(stored)),
    )


def model_prices(stored: PipelineConfig) -> dict[str, Price]:
    """The organization's own prices, as spans of LLM calls are priced by them."""
    return {
        model: Price(price.input, price.output, price.cached_input)
        for model, price in stored.ai_prices.items()
    }


def scrub_settings(stored: Scrubbing) -> ScrubSettings:
    """A project's scrubbing as the scrubber takes it: both forms of its rules as one."""
    rules = msgspec.json.encode([msgspec.to_builtins(rule) for rule in stored.rules]).decode()
    own = ScrubSettings(
        data_scrubber=stored.enabled,
        data_scrubber_defaults=stored.defaults,
        sensitive_fields=stored.sensitive_fields,
        safe_fields=stored.safe_fields,
        scrub_ip_addresses=not stored.store_ips,
        relay_pii_config=stored.pii_config or None,
    )
    return own.joined(ScrubSettings(relay_pii_config=rules)) if stored.rules else own


def filter_settings(stored: Filters) -> FilterSettings:
    return FilterSettings(
        browser_extensions=stored.browser_extensions,
        localhost=stored.localhost,
        web_crawlers=stored.web_crawlers,
        legacy_browsers=stored.legacy_browsers,
        filtered_transaction=stored.filtered_transaction,
        react_hydration_errors=stored.react_hydration_errors,
        chunk_load_error=stored.chunk_load_error,
        blacklisted_ips=stored.ip_addresses,
        releases=stored.releases,
        error_messages=stored.error_messages,
    )


class EpochConfigs:
    """Every project's configuration at one epoch."""

    def __init__(self, find: Callable[[int], ProjectConfig]) -> None:
        self._find = find
        self._found: dict[int, ProjectConfig] = {}

    def errors(self, project_id: int) -> ErrorConfig:
        return self._at(project_id).errors

    def tracing(self, project_id: int) -> TracingConfig:
        return self._at(project_id).tracing

    def handling(self, project_id: int) -> Handling:
        return self._at(project_id).errors.handling

    def _at(self, project_id: int) -> ProjectConfig:
        found = self._found.get(project_id)
        if found is None:
            found = self._found[project_id] = self._find(project_id)
        return found
