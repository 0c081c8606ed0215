"""`vedette serve` and `vedette run`: the folder taken, the records migrated, the roles started."""

import secrets
import socket
import ssl
from collections.abc import Sequence

import msgspec
from rich.console import Console

from vedette.app import RUNNERS, listen, run_engine, run_pipeline, run_scheduler, run_web
from vedette.cli.main import fail
from vedette.config import Settings
from vedette.folder import FolderInUse
from vedette.projects.errors import Refused
from vedette.projects.setup import Started, begin
from vedette.roles import Home, now_us, process_counts
from vedette.serverlog import configure_logs
from vedette.spool.folder import open_spool
from vedette.storage.records.backup import back_up_before_migration
from vedette.storage.records.migrate import SchemaTooNew, is_current, migrate
from vedette.supervisor import Role, Supervisor

_LOCK_WAIT_S = 10  # how long the roles of a server that was killed may still hold the folder
_DEVELOPMENT = {"admin_email": "admin@localhost", "org": "acme", "project": "demo"}


def serve(settings: Settings, *, development: bool) -> None:
    """Run everything until SIGTERM or Ctrl-C."""
    configure_logs(settings.log)
    check_certificate(settings)
    home = Home.of(_with_defaults(settings) if development else settings)
    home.folder.make()
    try:
        home.folder.lock(wait_s=_LOCK_WAIT_S)
        sockets = listen(home)
    except FolderInUse as error:
        fail(f"{error}: stop it, or set VEDETTE_DATA to another folder")
    except OSError as error:
        fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; set VEDETTE_PORT")
    open_spool(home.folder.spool)  # once, before the web processes ask for it side by side
    started = prepare(home)
    _greet(home, started)
    Supervisor(_roles(home, sockets), status_file=home.folder.roles).run()


def run_role(settings: Settings, role: str) -> None:
    """Run one role in this process."""
    configure_logs(settings.log)
    if role == "web":
        check_certificate(settings)
    home = Home.of(settings)
    home.folder.make()
    if role != "engine":
        prepare(home)
    RUNNERS[role](home)


def check_certificate(settings: Settings) -> None:
    """Ends the program where the certificate cannot be used: web processes would fail by it for ever."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    for name, path in (("VEDETTE_TLS_CERT", settings.tls_cert), ("VEDETTE_TLS_KEY", settings.tls_key)):
        try:
            path.open("rb").close()
        except OSError as error:
            fail(f"{name}: cannot read {path}: {error.strerror}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password=lambda: "")  # never ask
    except (ssl.SSLError, OSError, ValueError) as error:
        fail(f"{settings.tls_cert} and {settings.tls_key} are no certificate and its key: {error}")


def prepare(home: Home) -> Started:
    """Records brought up to date, and what the first start makes. Ends the program where it cannot."""
    records = home.records()
    try:
        if not is_current(records):
            back_up_before_migration(records, home.folder.backups, now_us())
            migrate(records)
        return begin(records, home.settings, now_us())
    except (SchemaTooNew, Refused) as error:
        fail(str(error))
    finally:
        records.close()


def _with_defaults(settings: Settings) -> Settings:
    """What `make serve` sets where the environment does not."""
    given = {name: value for name, value in _DEVELOPMENT.items() if not getattr(settings, name)}
    password = {} if settings.admin_password else {"admin_password": secrets.token_urlsafe(12)}
    return msgspec.structs.replace(settings, **given, **password)


def _roles(home: Home, sockets: Sequence[socket.socket]) -> list[Role]:
    webs, pipelines = process_counts(home.settings)
    roles = [Role("engine", lambda: run_engine(home), 3)] if home.has_engine else []
    roles += [Role(f"web-{n}", lambda n=n: run_web(home, n, sockets), 1) for n in range(webs)]
    roles += [
        Role(f"pipeline-{n}", lambda n=n: run_pipeline(home, n, pipelines), 2) for n in range(pipelines)
    ]
    return [*roles, Role("scheduler", lambda: run_scheduler(home), 2)]


def _greet(home: Home, started: Started) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]Vedette[/bold]  {home.settings.base_url}/")
    console.print(f"Data     {home.folder.path}")
    if started.setup_token:
        console.print(f"Set up   {home.settings.base_url}/setup/?token={started.setup_token}")
    if started.password:
        console.print(f"Login    {started.email}  {started.password}")
    if started.dsn:
        console.print(f"DSN      {started.dsn}")
