"""DSNs and the URLs made from one key. Knows text; knows nothing of which keys exist."""

import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

Scheme = Literal["http", "https"]

_DIGITS = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[0-9A-Za-z_-]{1,64}")


class DsnError(ValueError):
    """Text that is no DSN; the message says why."""


class Dsn(msgspec.Struct, frozen=True):
    """`{scheme}://{public_key}[:{secret_key}]@{host}[:{port}]{path}/{project_id}`.

    `host` is without brackets also for IPv6; `port` is None where the scheme's own is meant;
    `path` is the prefix the server is mounted below, empty or starting with a slash.
    """

    scheme: Scheme
    public_key: str
    host: str
    project_id: int
    port: int | None = None
    path: str = ""
    secret_key: str = ""

    @property
    def base_url(self) -> str:
        """Where the server is, with its path prefix, without a trailing slash."""
        return f"{self.scheme}://{_authority(self.host, self.port)}{self.path}"

    def endpoint(self, name: str) -> str:
        """The URL of one endpoint of the project: `endpoint("envelope")`."""
        return f"{self.base_url}/api/{self.project_id}/{name}/"

    def text(self, *, with_secret: bool = False) -> str:
        """The DSN as SDKs take it; the secret is left out unless asked for."""
        user = f"{self.public_key}:{self.secret_key}" if with_secret else self.public_key
        return f"{self.scheme}://{user}@{_authority(self.host, self.port)}{self.path}/{self.project_id}"


def is_public_key(text: str) -> bool:
    """Whether the text has the form of a public key: 1 to 64 letters, digits, `_` or `-`."""
    return _KEY.fullmatch(text) is not None


def parse_project_id(text: str) -> int | None:
    """The project id, or None when it is not plain decimal digits."""
    return int(text) if _DIGITS.fullmatch(text) else None


def parse_dsn(text: str) -> Dsn:
    """The parts of a DSN. An empty secret (`https://k:@host/1`) is legal.

    Raises `DsnError` when scheme, key, host, port or project id is not usable.
    """
    if len(text) > 2048:
        raise DsnError("dsn is longer than 2048 characters")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise DsnError(f"dsn is not a url: {error}") from error
    path, _, project = parts.path.rstrip("/").rpartition("/")
    project_id = parse_project_id(project)
    if project_id is None:
        raise DsnError("dsn must end in a project id of digits")
    return _checked(parts, port, path, project_id)


def _checked(parts: SplitResult, port: int | None, path: str, project_id: int) -> Dsn:
    if parts.scheme not in ("http", "https"):
        raise DsnError("dsn must start with http:// or https://")
    if not parts.username or not is_public_key(parts.username):
        raise DsnError("dsn has no usable public key")
    if not parts.hostname:
        raise DsnError("dsn has no host")
    return Dsn(
        scheme=parts.scheme,
        public_key=parts.username,
        secret_key=parts.password or "",
        host=parts.hostname,
        port=port,
        path=path.rstrip("/"),
        project_id=project_id,
    )


def key_urls(base_url: str, project_id: int, public_key: str, secret_key: str) -> dict[str, str]:
    """All URLs the API hands out for one key, by the names of the field.

    `base_url` is the server's public URL with any path prefix, without a trailing slash.
    """
    scheme, _, rest = base_url.partition("://")
    api = f"{base_url}/api/{project_id}"
    integration = f"{api}/integration/"
    return {
        "public": f"{scheme}://{public_key}@{rest}/{project_id}",
        "secret": f"{scheme}://{public_key}:{secret_key}@{rest}/{project_id}",
        "csp": f"{api}/csp-report/?sentry_key={public_key}",
        "security": f"{api}/security/?sentry_key={public_key}",
        "minidump": f"{api}/minidump/?sentry_key={public_key}",
        "nel": f"{api}/nel/?sentry_key={public_key}",
        "unreal": f"{api}/unreal/{public_key}/",
        "cdn": f"{base_url}/js-sdk-loader/{public_key}.min.js",
        "crons": f"{api}/cron/___MONITOR_SLUG___/{public_key}/",
        "playstation": f"{api}/playstation/?sentry_key={public_key}",
        "integration": integration,
        "otlp_traces": f"{integration}otlp/v1/traces",
        "otlp_logs": f"{integration}otlp/v1/logs",
    }


def _authority(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"
