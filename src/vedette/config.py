"""Settings: one frozen value, read once from the environment, stable from the first version on.

`docs/reference/settings.md` lists them; a test compares the two.
"""

import ipaddress
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from vedette.core.mail_server import parse_smtp_url

DEFAULT_PORT = 8377  # VEDT on a phone's keys
LogForm = Literal["text", "json"]


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and says what is wanted."""


class Settings(msgspec.Struct, frozen=True):
    """All settings. Each is `VEDETTE_` and the field's name in capitals."""

    data: Path  # folder for spool, records, telemetry; locked against a second server
    host: str = "127.0.0.1"  # loopback: opening it to a network is a decision
    port: int = DEFAULT_PORT
    public_url: str = ""  # as browsers and SDKs see it, with any path prefix; default http://host:port
    trusted_proxies: tuple[str, ...] = ()  # addresses or networks whose X-Forwarded-* count
    tls_cert: Path | None = None
    tls_key: Path | None = None
    database_url: str = ""  # PostgreSQL; default: SQLite in the data folder
    clickhouse_url: str = ""  # a ClickHouse server; default: the embedded engine
    smtp_url: str = ""  # smtp://user:password@host:587; without it links are shown to copy
    mail_from: str = "vedette@localhost"
    retention_days: int = 90  # 7, 30, 90 or 365
    log: LogForm = "text"
    admin_email: str = ""  # first start only, as are the next three
    admin_password: str = ""
    org: str = ""
    project: str = ""
    allow_private: tuple[str, ...] = ()  # hosts and networks that outgoing requests may reach though private
    web_processes: int = 0  # 0: two on two cores or more
    pipelines: int = 0  # 0: as many as web processes
    min_free_mb: int = 1024  # below this much free disk, clients get 429

    @property
    def base_url(self) -> str:
        """The public URL without a trailing slash."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host  # noqa: S104
        return f"{'https' if self.tls_cert else 'http'}://{host}:{self.port}"

    @property
    def prefix(self) -> str:
        """The path below which everything is mounted: `/vedette`, or empty."""
        path = self.base_url.split("://", 1)[-1].partition("/")[2]
        return f"/{path}" if path else ""


def default_data_folder(environment: Mapping[str, str]) -> Path:
    """The user's data folder: `$XDG_DATA_HOME/vedette`, else `~/.local/share/vedette`."""
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local/share") / "vedette"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `VEDETTE_*`. Raises `SettingError` naming a setting that is wrong or unknown."""
    environment = os.environ if environment is None else environment
    given = {
        name.removeprefix("VEDETTE_").lower(): value.strip()
        for name, value in environment.items()
        if name.startswith("VEDETTE_") and value.strip()
    }
    unknown = given.keys() - set(Settings.__struct_fields__)
    if unknown:
        names = ", ".join(f"VEDETTE_{name.upper()}" for name in sorted(unknown))
        raise SettingError(f"unknown setting {names}: see docs/reference/settings.md for those there are")
    values: dict[str, object] = {"data": default_data_folder(environment), **given}
    for name in ("trusted_proxies", "allow_private"):
        if name in given:
            values[name] = [part.strip() for part in given[name].split(",") if part.strip()]
    return _checked(_convert(values))


def _convert(values: dict[str, object]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$.")
        raise SettingError(f"VEDETTE_{where.rstrip('`').upper()}: {text.lower()}") from error


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser().absolute()
    raise NotImplementedError(kind)


def _checked(settings: Settings) -> Settings:
    rules = (
        (0 < settings.port < 65536, "VEDETTE_PORT", "a port from 1 to 65535"),
        (settings.retention_days in (7, 30, 90, 365), "VEDETTE_RETENTION_DAYS", "7, 30, 90 or 365"),
        (bool(settings.tls_cert) == bool(settings.tls_key), "VEDETTE_TLS_CERT", "set with VEDETTE_TLS_KEY"),
        (_is_url(settings.clickhouse_url, "http", "https"), "VEDETTE_CLICKHOUSE_URL", "http(s)://…"),
        (
            _has_scheme(settings.database_url, "postgres", "postgresql"),
            "VEDETTE_DATABASE_URL",
            "postgresql://…",
        ),
        (settings.base_url.startswith(("http://", "https://")), "VEDETTE_PUBLIC_URL", "an http(s) URL"),
    )
    for holds, name, wanted in rules:
        if not holds:
            raise SettingError(f"{name}: must be {wanted}")
    _parsed("VEDETTE_SMTP_URL", settings.smtp_url, parse_smtp_url)
    for proxy in settings.trusted_proxies:
        _parsed("VEDETTE_TRUSTED_PROXIES", proxy, lambda text: ipaddress.ip_network(text, strict=False))
    return settings


def _has_scheme(text: str, *schemes: str) -> bool:
    """Whether the text is empty or begins with one of the schemes."""
    return not text or text.partition("://")[0] in schemes


def _is_url(text: str, *schemes: str) -> bool:
    """Whether the text is empty, or a URL of one of the schemes whose host and port can be told."""
    try:
        parts = urlsplit(text)
        return not text or (parts.scheme in schemes and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        return False


def _parsed(name: str, text: str, parse: Callable[[str], object]) -> None:
    """Try what a role will do with the text: it would fail there again and again. Raises `SettingError`."""
    if text:
        try:
            parse(text)
        except ValueError as error:
            raise SettingError(f"{name}: {error}") from error
