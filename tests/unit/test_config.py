"""Settings: what the environment says, and what it may not."""

import re
from pathlib import Path

import msgspec
import pytest

from vedette.config import SettingError, Settings, load_settings

REFERENCE = Path(__file__).parents[2] / "docs/reference/settings.md"


def test_defaults_need_nothing() -> None:
    settings = load_settings({"XDG_DATA_HOME": "/data"})
    assert (settings.data, settings.host, settings.port) == (Path("/data/vedette"), "127.0.0.1", 8377)
    assert (settings.base_url, settings.prefix) == ("http://localhost:8377", "")


@pytest.mark.parametrize(
    ("environment", "base_url", "prefix"),
    [
        ({"VEDETTE_PORT": "9000"}, "http://localhost:9000", ""),
        ({"VEDETTE_HOST": "10.0.0.1"}, "http://10.0.0.1:8377", ""),
        ({"VEDETTE_TLS_CERT": "/c", "VEDETTE_TLS_KEY": "/k"}, "https://localhost:8377", ""),
        ({"VEDETTE_PUBLIC_URL": "https://errors.example.com/"}, "https://errors.example.com", ""),
        ({"VEDETTE_PUBLIC_URL": "https://example.com/a/b/"}, "https://example.com/a/b", "/a/b"),
    ],
)
def test_the_public_url(environment: dict[str, str], base_url: str, prefix: str) -> None:
    settings = load_settings(environment)
    assert (settings.base_url, settings.prefix) == (base_url, prefix)


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"VEDETTE_PROT": "1"}, "VEDETTE_PROT"),
        ({"VEDETTE_PORT": "http"}, "VEDETTE_PORT"),
        ({"VEDETTE_PORT": "70000"}, "VEDETTE_PORT"),
        ({"VEDETTE_LOG": "xml"}, "VEDETTE_LOG"),
        ({"VEDETTE_RETENTION_DAYS": "8"}, "VEDETTE_RETENTION_DAYS"),
        ({"VEDETTE_TLS_CERT": "/c"}, "VEDETTE_TLS_CERT"),
        ({"VEDETTE_PUBLIC_URL": "example.com"}, "VEDETTE_PUBLIC_URL"),
        ({"VEDETTE_SMTP_URL": "mail.example.com"}, "VEDETTE_SMTP_URL: must be smtp"),
        ({"VEDETTE_SMTP_URL": "smtp://mail.example.com:many"}, "VEDETTE_SMTP_URL: the port"),
        ({"VEDETTE_SMTP_URL": "smtp://u:p/w@mail.example.com"}, "VEDETTE_SMTP_URL: the port"),
        ({"VEDETTE_SMTP_URL": "smtp://mail.example.com?tls=maybe"}, "VEDETTE_SMTP_URL: tls is"),
        ({"VEDETTE_TRUSTED_PROXIES": "10.0.0.0/8,proxy.local"}, "VEDETTE_TRUSTED_PROXIES: 'proxy.local'"),
        ({"VEDETTE_CLICKHOUSE_URL": "https://h:99999/db"}, "VEDETTE_CLICKHOUSE_URL"),
        ({"VEDETTE_DATABASE_URL": "mysql://h/db"}, "VEDETTE_DATABASE_URL"),
        ({"VEDETTE_CLICKHOUSE_URL": "tcp://h:9000"}, "VEDETTE_CLICKHOUSE_URL"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], names: str) -> None:
    with pytest.raises(SettingError, match=names):
        load_settings(environment)


def test_a_password_is_not_told() -> None:
    with pytest.raises(SettingError) as told:
        load_settings({"VEDETTE_SMTP_URL": "smtp://me:hunter2/x@mail.example.com"})
    assert "hunter2" not in str(told.value)


def test_lists_are_split_at_commas() -> None:
    settings = load_settings({"VEDETTE_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1"})
    assert settings.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")


def test_the_reference_page_lists_every_setting_and_no_other() -> None:
    listed = set(re.findall(r"`(VEDETTE_[A-Z_]+)`", REFERENCE.read_text()))
    assert listed == {f"VEDETTE_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
