"""Why a change or a look-up is refused. `api` turns each into its status and body."""


class Refused(Exception):
    """The base of all refusals; `str` is a sentence for the caller."""


class Unauthenticated(Refused):
    """No credential, or one that is unknown, expired or of a switched-off account."""


class Denied(Refused):
    """The caller is known and belongs here, but may not do this."""


class Missing(Refused):
    """There is no such thing, or the caller may not know of it."""

    def __init__(self, text: str = "the requested resource does not exist") -> None:
        super().__init__(text)


class Invalid(Refused):
    """A field of the request that cannot be used, and why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.fields = {field: [text]}


class Taken(Refused):
    """Something of that name is already there."""


class Moved(Refused):
    """The project has a new slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"the project is now called {slug}")
        self.slug = slug


class TooMany(Refused):
    """Too many attempts; `retry_after_s` says how long to wait."""

    def __init__(self, text: str, retry_after_s: int) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
