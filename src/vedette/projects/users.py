"""People: their accounts, their passwords."""

import re
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vedette.core.time import MINUTE_US
from vedette.projects import throttle
from vedette.projects.errors import Invalid, Missing, Taken, Unauthenticated
from vedette.projects.passwords import hash_password, matches
from vedette.projects.sessions import new_nonce
from vedette.projects.values import User, user_of
from vedette.storage.records import schema
from vedette.storage.records.database import Records

_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]{1,64}@[^@\s<>\"',;:()\[\]\\]{1,189}")
_OPTIONS_MOST = 64  # keys of appearance and the like
_ACTIVE_PRECISION_US = 10 * MINUTE_US


def normalised_email(email: str) -> str:
    """The address as it is stored: lower case. Raises `Invalid` for what cannot be one."""
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid("email", "not an e-mail address")
    return email


def create_user(
    session: Session,
    *,
    email: str,
    password_hash: str | None,
    name: str = "",
    is_superuser: bool = False,
    now_us: int,
) -> User:
    """A new account. Raises `Taken` if the address has one already."""
    row = schema.User(
        email=normalised_email(email),
        name=name.strip()[:200],
        password_hash=password_hash,
        is_superuser=is_superuser,
        session_nonce=new_nonce(),
        created_us=now_us,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Taken("there is an account with this address already") from error
    return user_of(row)


def find_user(session: Session, email: str) -> User | None:
    row = session.scalar(select(schema.User).where(schema.User.email == email.strip().lower()))
    return user_of(row) if row else None


def log_in(records: Records, *, email: str, password: str, address: str, now_us: int) -> User:
    """The user with this address and password.

    Raises `Unauthenticated` without saying which of the two was wrong, `TooMany` when there
    have been too many attempts for the account or from the address.
    """
    email = email.strip().lower()[:254]
    throttle.attempt(records, "login", account=email, address=address, now_us=now_us)
    with records.read() as session:
        row = session.scalar(select(schema.User).where(schema.User.email == email))
        user, password_hash = (user_of(row), row.password_hash) if row else (None, None)
    if not matches(password_hash, password) or user is None or not user.is_active:
        raise Unauthenticated("the address or the password is wrong")
    throttle.forgive(records, "login", account=email)
    with records.write() as session:
        session.execute(
            update(schema.User)
            .where(schema.User.id == user.id)
            .values(last_login_us=now_us, last_active_us=now_us)
        )
    return user


def set_password(session: Session, user_id: int, password_hash: str) -> User:
    """Set a password and end all of the user's sessions; the user with the new nonce."""
    row = session.get(schema.User, user_id)
    if row is None:
        raise Missing
    row.password_hash = password_hash
    row.session_nonce = new_nonce()
    session.flush()
    return user_of(row)


def end_sessions(session: Session, user_id: int) -> None:
    """Sign the user out everywhere."""
    session.execute(update(schema.User).where(schema.User.id == user_id).values(session_nonce=new_nonce()))


def change_password(records: Records, user: User, *, current: str, new: str) -> User:
    """Replace the password of somebody who knows the present one."""
    _must_match(records, user, current)
    password_hash = hash_password(new)
    with records.write() as session:
        return set_password(session, user.id, password_hash)


def change_user(
    records: Records,
    user: User,
    *,
    name: str | None = None,
    email: str | None = None,
    password: str = "",
    options: dict[str, Any] | None = None,
) -> User:
    """Change one's own account. A new address needs the password: it is where links to reset it go."""
    new_email = normalised_email(email) if email is not None else user.email
    if new_email != user.email:
        _must_match(records, user, password)
    with records.write() as session:
        row = session.get_one(schema.User, user.id)
        if name is not None:
            row.name = name.strip()[:200]
        row.email = new_email
        if options is not None:
            row.options = _merged(row.options, options)
        try:
            session.flush()
        except IntegrityError as error:
            raise Taken("there is an account with this address already") from error
        return user_of(row)


def note_active(records: Records, user: User, now_us: int) -> None:
    """Remember that the user is about; written every ten minutes at most."""
    if user.last_active_us is None or now_us - user.last_active_us > _ACTIVE_PRECISION_US:
        with records.write() as session:
            session.execute(
                update(schema.User).where(schema.User.id == user.id).values(last_active_us=now_us)
            )


def _must_match(records: Records, user: User, password: str) -> None:
    with records.read() as session:
        stored = session.scalar(select(schema.User.password_hash).where(schema.User.id == user.id))
    if not matches(stored, password):
        raise Invalid("password", "this is not the present password")


def _merged(present: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Options with the given ones over them; None removes one."""
    merged = {name: value for name, value in {**present, **given}.items() if value is not None}
    if len(merged) > _OPTIONS_MOST:
        raise Invalid("options", f"at most {_OPTIONS_MOST} options")
    return merged
