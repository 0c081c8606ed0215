"""`vedette user`, `vedette token`, `vedette project`: what an operator does without the browser."""

from collections.abc import Generator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from vedette.cli.main import fail, settings_or_exit, vedette
from vedette.projects.client_keys import dsn_of, list_keys
from vedette.projects.errors import Invalid
from vedette.projects.passwords import hash_password
from vedette.projects.tokens import create_token, user_token_text
from vedette.projects.users import find_user, set_password
from vedette.projects.values import User
from vedette.roles import Home, now_us
from vedette.storage.records import schema
from vedette.storage.records.migrate import is_current


@contextmanager
def writing(home: Home) -> Generator[Session]:
    """A transaction on the records of a server that has been started before."""
    records = home.records()
    try:
        if home.settings.database_url == "" and not home.folder.records.exists():
            fail(
                f"no server has been started in {home.folder.path}: run `vedette serve`, or set VEDETTE_DATA"
            )
        if not is_current(records):
            fail("the records store is of another version: start `vedette serve` once")
        with records.write() as session:
            yield session
    finally:
        records.close()


def user_or_exit(session: Session, email: str) -> User:
    user = find_user(session, email)
    if user is None:
        fail(f"no account has the address {email}")
    return user


@vedette.group()
def user() -> None:
    """Accounts."""


@user.command("password")
@click.argument("email")
@click.password_option("--password", help="Asked for when not given.")
def user_password(email: str, password: str) -> None:
    """Set the password of EMAIL and sign it out everywhere."""
    try:
        password_hash = hash_password(password)
    except Invalid as error:
        fail(str(error))
    with writing(Home.of(settings_or_exit())) as session:
        set_password(session, user_or_exit(session, email).id, password_hash)
    click.echo(f"The password of {email} is set.")


@vedette.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--user", "email", required=True, help="Whose token it is.")
@click.option("--scopes", required=True, help="Comma-separated, or `all`.")
@click.option("--name", default="command line", show_default=True)
def token_create(email: str, scopes: str, name: str) -> None:
    """Make a token and print it, and nothing else."""
    text = user_token_text()
    named = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    with writing(Home.of(settings_or_exit())) as session:
        owner = user_or_exit(session, email)
        try:
            create_token(
                session, text, kind="user", name=name, scopes=named, now_us=now_us(), user_id=owner.id
            )
        except Invalid as error:
            fail(str(error))
    click.echo(text)


@vedette.group()
def project() -> None:
    """Projects."""


@project.command("dsn")
@click.argument("slug")
def project_dsn(slug: str) -> None:
    """Print the DSN of project SLUG, and nothing else."""
    home = Home.of(settings_or_exit())
    with writing(home) as session:
        project_id = session.scalar(
            select(schema.Project.id).where(schema.Project.slug == slug, schema.Project.status == "active")
        )
        if project_id is None:
            fail(f"there is no project {slug}")
        keys = list_keys(session, project_id, active=True, limit=1)
    if not keys:
        fail(f"project {slug} has no active key")
    click.echo(dsn_of(home.settings.base_url, keys[0]))
