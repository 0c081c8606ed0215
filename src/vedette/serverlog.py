"""The server's own logs: one line an event, as text or JSON, on standard error."""

import logging
import sys

import structlog

from vedette.config import LogForm


def configure_logs(form: LogForm) -> None:
    """Send structlog and the libraries' logging through one form."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # no local variables: they hold secrets
        )
    )
    tail = [structlog.processors.dict_tracebacks] if form == "json" else []
    structlog.configure(
        processors=[*shared, *tail, renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
