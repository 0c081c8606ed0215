"""The parts of an event that rules and variables speak of."""

from vedette.core.event import Event, ExceptionValue, Frame, Stacktrace, Thread


def exceptions_of(event: Event) -> list[ExceptionValue]:
    """Oldest cause first."""
    return event.exception.values if event.exception else []


def threads_of(event: Event) -> list[Thread]:
    return event.threads.values if event.threads else []


def stacks_of(event: Event) -> list[Stacktrace]:
    """The stacks of the failure: those of the exceptions, else the crashed thread's, else the event's."""
    found = [e.stacktrace for e in exceptions_of(event) if e.stacktrace and e.stacktrace.frames]
    if found:
        return found
    thread = failing_thread(event)
    if thread and thread.stacktrace:
        return [thread.stacktrace]
    return [event.stacktrace] if event.stacktrace else []


def failing_thread(event: Event) -> Thread | None:
    """The thread that crashed, else the current one, else the only one; always with frames."""
    candidates = [t for t in threads_of(event) if t.stacktrace and t.stacktrace.frames]
    for wanted in ([t for t in candidates if t.crashed], [t for t in candidates if t.current], candidates):
        if len(wanted) == 1:
            return wanted[0]
    return None


def crash_frame(event: Event) -> Frame | None:
    """The newest in-app frame, else the newest frame."""
    stacks = stacks_of(event)
    if not stacks or not stacks[-1].frames:
        return None
    frames = stacks[-1].frames
    return next((f for f in reversed(frames) if f.in_app), frames[-1])


def message_of(event: Event) -> str | None:
    """The message as a person reads it, else the shown exception's value."""
    entry = event.logentry
    text = (entry.formatted or entry.message) if entry else None
    values = exceptions_of(event)
    return text or (values[-1].value if values else None)
