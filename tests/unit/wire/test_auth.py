"""Credentials in every form clients send them."""

import base64

import pytest

from vedette.wire.auth import AuthError, Credentials, read_credentials

KEY = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
PYTHON = f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=sentry.python/2.75.0".encode()
OLD = f"Sentry sentry_timestamp=1, sentry_secret=x, sentry_version=2.0, sentry_key={KEY}".encode()
DSN = f"https://{KEY}@host/7"


def basic(text: str) -> bytes:
    return b"Basic " + base64.b64encode(text.encode())


def read(
    headers: dict[str, bytes] | None = None, query: bytes = b"", *, dsn: str = "", path_key: str = ""
) -> Credentials | None:
    named = {name.replace("_", "-").encode(): value for name, value in (headers or {}).items()}
    return read_credentials(named, query, path_key=path_key, dsn=dsn)


@pytest.mark.parametrize(
    ("headers", "query", "found"),
    [
        ({"x_sentry_auth": PYTHON}, b"", Credentials(KEY, "sentry.python/2.75.0", "7")),
        ({"authorization": PYTHON}, b"", Credentials(KEY, "sentry.python/2.75.0", "7")),
        ({"x_sentry_auth": f"sentry sentry_key={KEY}".encode()}, b"", Credentials(KEY)),
        (
            {"x_sentry_auth": f"SENTRY   sentry_key={KEY},sentry_version=7".encode()},
            b"",
            Credentials(KEY, "", "7"),
        ),
        (
            {"x_sentry_auth": f"Sentry sentry_version=7,\n sentry_key={KEY}".encode()},
            b"",
            Credentials(KEY, "", "7"),
        ),
        (
            {"x_sentry_auth": OLD},
            b"",
            Credentials(KEY, "", "2.0"),
        ),
        ({"authorization": basic(f"{KEY}:")}, b"", Credentials(KEY)),
        ({"authorization": basic(f"{KEY}:secret")}, b"", Credentials(KEY)),
        ({}, f"sentry_key={KEY}".encode(), Credentials(KEY)),
        (
            {},
            f"sentry_version=7&sentry_key={KEY}&sentry_client=sentry.javascript.browser%2F11.10.0".encode(),
            Credentials(KEY, "sentry.javascript.browser/11.10.0", "7"),
        ),
        ({"authorization": b"Bearer token"}, f"sentry_key={KEY}".encode(), Credentials(KEY)),
        ({"authorization": b"Bearer token"}, b"", None),
        ({}, b"", None),
        ({}, b"sentry_version=7", None),
    ],
)
def test_each_form_of_credentials_is_read(
    headers: dict[str, bytes], query: bytes, found: Credentials | None
) -> None:
    assert read(headers, query) == found


def test_a_key_in_the_path_counts() -> None:
    assert read(path_key=KEY) == Credentials(KEY)


def test_the_envelopes_dsn_alone_is_enough_and_names_the_project() -> None:
    assert read(dsn=DSN) == Credentials(KEY, project_id=7)


def test_credentials_that_agree_are_one_and_the_first_counts() -> None:
    found = read({"x_sentry_auth": PYTHON}, f"sentry_key={KEY}&sentry_client=b/1".encode(), dsn=DSN)
    assert found == Credentials(KEY, "sentry.python/2.75.0", "7", project_id=7)


@pytest.mark.parametrize(
    ("headers", "query", "dsn", "status"),
    [
        ({"x_sentry_auth": PYTHON}, f"sentry_key={OTHER}".encode(), "", 401),
        ({"x_sentry_auth": PYTHON}, b"", f"https://{OTHER}@host/7", 401),
        ({"x_sentry_auth": f"Sentry sentry_key={KEY}, Sentry sentry_key={OTHER}".encode()}, b"", "", 401),
        ({"x_sentry_auth": b"Sentry"}, b"", "", 401),
        ({"x_sentry_auth": b"nonsense"}, b"", "", 401),
        ({"x_sentry_auth": b"Sentry sentry_version=7"}, b"", "", 401),
        ({"x_sentry_auth": f"Sentry{KEY}".encode()}, b"", "", 401),
        ({"authorization": b"Basic ???"}, b"", "", 401),
        ({"authorization": basic(":secret")}, b"", "", 401),
        ({}, b"", "nonsense", 401),
        ({}, b"", "https://host/7", 401),
        ({"x_sentry_auth": f"Sentry sentry_key={KEY}, sentry_version=9".encode()}, b"", "", 400),
        ({"x_sentry_auth": f"Sentry sentry_key={KEY}, sentry_version=x".encode()}, b"", "", 400),
        ({"x_sentry_auth": f"Sentry sentry_key={KEY}, sentry_version=8".encode()}, b"", "", 0),
        ({}, b"sentry_key=a%20b", "", 400),
        ({}, b"sentry_key=" + b"k" * 65, "", 400),
    ],
)
def test_credentials_that_cannot_be_used_have_their_status(
    headers: dict[str, bytes], query: bytes, dsn: str, status: int
) -> None:
    if not status:
        assert read(headers, query, dsn=dsn) is not None
        return
    with pytest.raises(AuthError) as caught:
        read(headers, query, dsn=dsn)
    assert caught.value.status == status
