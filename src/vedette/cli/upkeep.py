"""`vedette doctor`, `backup`, `restore`, `retry`, `migrate`, `demo`: looking after a server."""

from pathlib import Path

import click

from vedette.cli.main import fail, settings_or_exit, vedette


@vedette.command()
def doctor() -> None:
    """Look at everything a server needs and say what to do. Ends with 1 if something is wrong."""
    from vedette.cli.doctor import examine, show

    if show(examine(settings_or_exit())):
        raise SystemExit(1)


@vedette.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy everything into FOLDER while the server runs; processing pauses, receiving does not."""
    from vedette.cli.backup import back_up

    back_up(settings_or_exit(), folder)


@vedette.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore(folder: Path) -> None:
    """Put the backup in FOLDER in the place of what is there. The server must be stopped."""
    from vedette.cli.backup import restore as run

    run(settings_or_exit(), folder)


@vedette.command()
@click.option("--list", "only_list", is_flag=True, help="Show the records and their reasons, change nothing.")
@click.option("--name", help="Retry only this one.")
def retry(only_list: bool, name: str | None) -> None:
    """Process again the records that were put aside because they broke the program."""
    from vedette.roles import Home, now_us
    from vedette.spool.folder import open_spool
    from vedette.spool.letters import DeadLetters
    from vedette.spool.space import Space, SpoolFull
    from vedette.spool.writer import SpoolBusy, SpoolFailed, SpoolWriter

    home = Home.of(settings_or_exit())
    letters = DeadLetters(home.folder.dead, clock=now_us)
    if only_list:
        for letter in letters.all():
            click.echo(f"{letter.name}  project {letter.record.project_id}  {letter.reason}")
        return
    spool = open_spool(home.folder.spool)
    space = Space(spool, clock=now_us, max_bytes=1 << 50, min_free_bytes=home.settings.min_free_mb << 20)
    try:
        writer = SpoolWriter(spool.writer_folder("retry"), clock=now_us, space=space)
        done = letters.retry(writer, name=name)
        writer.close_now()
    except (SpoolBusy, SpoolFull, SpoolFailed) as error:
        fail(str(error))
    click.echo(f"{done} put back; the running server processes them.")


@vedette.command()
def migrate() -> None:
    """Bring the stores to this version's schema. `vedette serve` does so by itself."""
    from vedette.cli.serve import prepare
    from vedette.roles import Home, now_us
    from vedette.storage.telemetry.errors import TelemetryError
    from vedette.storage.telemetry.migrate import migrate as migrate_telemetry

    home = Home.of(settings_or_exit())
    home.folder.make()
    prepare(home)
    click.echo("records: up to date")
    telemetry = home.telemetry()
    try:
        if telemetry.ping():
            migrate_telemetry(telemetry, now_us=now_us())
            click.echo("telemetry: up to date")
        else:
            click.echo("telemetry: does not answer; a pipeline migrates it when it starts")
    except TelemetryError as error:
        fail(f"telemetry: {error}")
    finally:
        telemetry.close()


@vedette.command()
@click.option("--minutes", default=3.0, show_default=True, help="How long.")
@click.option("--rate", default=4.0, show_default=True, help="Events a second, on average.")
@click.option("--dsn", help="Where to; without it, the oldest key of the server in the data folder.")
def demo(minutes: float, rate: float, dsn: str | None) -> None:
    """Send believable traffic of several services to the running server."""
    from vedette.cli.demo import run_demo

    run_demo(settings_or_exit(), minutes=minutes, rate=rate, dsn=dsn)
