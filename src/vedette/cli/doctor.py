"""`vedette doctor`: looks at everything a server needs, and says what to do about what it finds."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import click
import httpx

from vedette import __version__
from vedette.alerts.mail import connected
from vedette.config import Settings
from vedette.core.mail_server import parse_smtp_url
from vedette.core.time import DAY_US, SECOND_US
from vedette.roles import Home, now_us
from vedette.spool.letters import count_letters
from vedette.storage.records.migrate import current_revision, newest_revision
from vedette.storage.records.notes import read_note
from vedette.storage.sizes import folder_bytes

Verdict = Literal["ok", "note", "bad"]
_SHOWN: dict[Verdict, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "note": ("note", "yellow"),
    "bad": ("BAD", "red"),
}
_CLOCK_MOST_S = 120
_TIMEOUT_S = 5


class Finding(NamedTuple):
    verdict: Verdict
    subject: str
    text: str
    advice: str = ""


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order of the checks. A check that fails in an unforeseen way is a finding."""
    home = Home.of(settings)
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(home)
        except Exception as error:  # a doctor does not fall ill of what he finds
            subject = check.__name__.strip("_").replace("_", " ")
            found.append(Finding("bad", subject, f"{type(error).__name__}: {error}"[:300]))
    return found


def show(findings: list[Finding]) -> int:
    """Print them; the number of bad ones."""
    for finding in findings:
        word, colour = _SHOWN[finding.verdict]
        click.echo(f"{click.style(f'{word:>4}', fg=colour)}  {finding.subject}: {finding.text}")
        if finding.advice:
            click.echo(f"      → {finding.advice}")
    bad = sum(finding.verdict == "bad" for finding in findings)
    click.echo(f"\nVedette {__version__}: " + (f"{bad} to look after" if bad else "all is well"))
    return bad


def _folder(home: Home) -> Iterator[Finding]:
    path = home.folder.path
    if not path.is_dir():
        yield Finding(
            "bad", "data folder", f"{path} is not there", "run `vedette serve`, or set VEDETTE_DATA"
        )
        return
    state = path.stat()
    if state.st_uid != os.getuid() or not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "bad",
            "data folder",
            f"{path} is not yours to write",
            f"run as its owner, or: chown -R $USER {path}",
        )
    elif state.st_mode & 0o077:
        yield Finding("note", "data folder", f"{path} can be read by others", f"chmod 700 {path}")
    else:
        yield Finding("ok", "data folder", str(path))


def _server(home: Home) -> Iterator[Finding]:
    settings = home.settings
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.settimeout(_TIMEOUT_S)
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
        answers = probe.connect_ex((host, settings.port)) == 0
    is_running = _is_locked(home)
    if is_running and answers:
        yield Finding("ok", "server", f"runs, and listens on {settings.host}:{settings.port}")
    elif is_running:
        yield Finding(
            "bad",
            "server",
            f"runs, but nothing listens on {settings.host}:{settings.port}",
            "does it use the same VEDETTE_HOST and VEDETTE_PORT? see its log",
        )
    elif answers:
        yield Finding(
            "bad", "port", f"{settings.port} is taken by another program", "stop it, or set VEDETTE_PORT"
        )
    else:
        yield Finding("note", "server", "is not running", "vedette serve")


def _is_locked(home: Home) -> bool:
    import fcntl

    try:
        descriptor = os.open(home.folder.path / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _disk(home: Home) -> Iterator[Finding]:
    usage = shutil.disk_usage(home.folder.path)
    free_mb, mark = usage.free >> 20, home.settings.min_free_mb
    advice = "make room, or shorten VEDETTE_RETENTION_DAYS; VEDETTE_MIN_FREE_MB moves the mark"
    if free_mb < mark:
        yield Finding("bad", "disk", f"{free_mb} MB free, clients get 429 below {mark} MB", advice)
    elif free_mb < 2 * mark:
        yield Finding(
            "note", "disk", f"{free_mb} MB free, the oldest weeks go early below {mark * 3 // 2} MB", advice
        )
    else:
        yield Finding("ok", "disk", f"{free_mb} MB free")


def _records(home: Home) -> Iterator[Finding]:
    if not home.settings.database_url and not home.folder.records.exists():
        yield Finding("note", "records", "there are none yet", "vedette serve")
        return
    records = home.records()
    try:
        current, newest = current_revision(records), newest_revision()
        if current == newest:
            yield Finding("ok", "records", f"schema {current}")
        else:
            yield Finding(
                "bad",
                "records",
                f"schema {current}, this version has {newest}",
                "vedette migrate; if that refuses, the store is of a later version",
            )
        if current == newest:
            yield _backup_age(read_note(records, "backup"))
    finally:
        records.close()


def _backup_age(note: dict[str, int]) -> Finding:
    if not note:
        return Finding("note", "backup", "none has been made", "vedette backup FOLDER, daily")
    days = (now_us() - int(note["at_us"])) // DAY_US
    return Finding("ok" if days < 8 else "note", "backup", f"the last is {days} days old")


def _telemetry(home: Home) -> Iterator[Finding]:
    if home.has_engine and not home.folder.engine_socket.exists():
        yield Finding("note", "telemetry", "the embedded engine is not running", "vedette serve")
        return
    telemetry = home.telemetry()
    try:
        if not telemetry.ping():
            advice = "see the server's log" if home.has_engine else "check VEDETTE_CLICKHOUSE_URL"
            yield Finding("bad", "telemetry", "does not answer", advice)
            return
        yield Finding("ok", "telemetry", "answers")
        theirs = str(telemetry.query_rows("SELECT toUnixTimestamp64Micro(now64(6))").rows[0][0])
        skew_s = abs(int(theirs) - now_us()) / SECOND_US
        if skew_s > _CLOCK_MOST_S:
            yield Finding(
                "bad", "clock", f"the telemetry store's differs by {skew_s:.0f} s", "set both by NTP"
            )
    finally:
        telemetry.close()


def _clock(home: Home) -> Iterator[Finding]:
    del home
    if time.time() < 1_760_000_000:
        yield Finding("bad", "clock", time.strftime("it says %Y-%m-%d"), "set it, best by NTP")
    else:
        yield Finding("ok", "clock", time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()))


def _spool(home: Home) -> Iterator[Finding]:
    size_mb = folder_bytes(home.folder.spool) >> 20
    letters = count_letters(home.folder.dead)
    if size_mb > 1024:
        yield Finding(
            "note", "spool", f"{size_mb} MB wait", "is a store out or slow? the health page says more"
        )
    else:
        yield Finding("ok", "spool", f"{size_mb} MB")
    if letters:
        yield Finding(
            "note", "dead letters", f"{letters} records broke the program", "after an upgrade: vedette retry"
        )


def _mail(home: Home) -> Iterator[Finding]:
    if not home.settings.smtp_url:
        yield Finding(
            "note", "mail", "no mail server is set; links are shown to copy", "set VEDETTE_SMTP_URL"
        )
        return
    try:
        with connected(parse_smtp_url(home.settings.smtp_url)) as smtp:
            smtp.noop()
    except (OSError, ValueError) as error:
        yield Finding(
            "bad", "mail", f"the mail server does not take us: {str(error)[:200]}", "check VEDETTE_SMTP_URL"
        )
    else:
        yield Finding("ok", "mail", "the mail server takes us")


def _public_url(home: Home) -> Iterator[Finding]:
    url = f"{home.settings.base_url}/_health/"
    if not _is_locked(home):
        return
    try:
        answer = httpx.get(url, timeout=_TIMEOUT_S)
    except httpx.HTTPError as error:
        yield Finding(
            "bad",
            "public URL",
            f"{url} cannot be reached from here: {error}",
            "check VEDETTE_PUBLIC_URL, DNS and the proxy",
        )
        return
    if answer.status_code == 200:
        yield Finding("ok", "public URL", home.settings.base_url)
    else:
        yield Finding(
            "bad", "public URL", f"{url} answers {answer.status_code}", "does the proxy pass everything on?"
        )


CHECKS: tuple[Callable[[Home], Iterator[Finding]], ...] = (
    _folder,
    _server,
    _disk,
    _clock,
    _records,
    _telemetry,
    _spool,
    _mail,
    _public_url,
)
