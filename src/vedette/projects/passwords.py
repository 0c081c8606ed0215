"""Passwords: argon2id hashes, and what counts as a password."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from vedette.projects.errors import Invalid

LEAST_CHARACTERS = 8
MOST_CHARACTERS = 1024  # hashing is linear in it, and nobody types more

# The second recommendation of RFC 9106: for machines without gigabytes to spare. 40 ms here.
_HASHER = PasswordHasher(time_cost=3, memory_cost=65536 // 2, parallelism=1)
_AT_ONCE = BoundedSemaphore(2)  # 32 MB and a core each: a crowd at the login must not take the machine
_NOBODYS = _HASHER.hash(secrets.token_hex(16))  # so that an unknown account takes as long as a known one


def hash_password(password: str) -> str:
    """An argon2id hash with its salt and costs. Raises `Invalid` for a password that will not do."""
    if len(password) < LEAST_CHARACTERS:
        raise Invalid("password", f"at least {LEAST_CHARACTERS} characters")
    if len(password) > MOST_CHARACTERS:
        raise Invalid("password", f"at most {MOST_CHARACTERS} characters")
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """True if the password is the one hashed. Takes as long when there is no hash."""
    try:
        with _AT_ONCE:
            _HASHER.verify(password_hash or _NOBODYS, password[:MOST_CHARACTERS])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
