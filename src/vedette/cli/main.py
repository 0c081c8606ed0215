"""`vedette`: the commands. Each imports what it needs when it runs, so that `--help` is quick."""

import sys
from typing import NoReturn

import click

from vedette import __version__
from vedette.config import SettingError, Settings, load_settings

CONTEXT = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="vedette")
def vedette() -> None:
    """Errors of your software, from your Sentry SDKs, on your own machine.

    Settings come from VEDETTE_* in the environment.
    """


def settings_or_exit() -> Settings:
    """Settings from the environment, or a line that says which one is wrong."""
    try:
        return load_settings()
    except SettingError as error:
        fail(str(error))


def fail(text: str) -> NoReturn:
    """End with status 1 and one line on standard error."""
    click.secho(f"vedette: {text}", err=True, fg="red" if sys.stderr.isatty() else None)
    raise SystemExit(1)


@vedette.command()
@click.option(
    "--development", is_flag=True, help="What `make serve` does: create login, organization and project."
)
def serve(development: bool) -> None:
    """Start everything and keep it running."""
    from vedette.cli.serve import serve as run

    run(settings_or_exit(), development=development)


@vedette.command()
@click.argument("role", type=click.Choice(["web", "pipeline", "engine", "scheduler"]))
def run(role: str) -> None:
    """Run one role alone, for a cluster of machines."""
    from vedette.cli.serve import run_role

    run_role(settings_or_exit(), role)


def main() -> None:
    from vedette.cli import accounts, upkeep  # each registers its commands

    del accounts, upkeep
    vedette()
