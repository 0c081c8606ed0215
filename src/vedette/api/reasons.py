"""Reasons of outcomes in plain words, with what to do: for the page that waits for a first event."""

_WORDS = {
    "no_auth": "The request carries no key: check that the DSN is complete.",
    "unknown_key": "The DSN's key is not one of this project's: copy the DSN again.",
    "invalid_key": "The DSN's key has characters that no key has: copy the DSN again.",
    "invalid_auth": "The request's credentials cannot be read: check the DSN.",
    "invalid_dsn": "The DSN in the envelope is none: check what the application was given.",
    "multiple_auth": "The request names two keys: check that only one DSN is in use.",
    "auth_version": "The SDK speaks a version of the protocol that is not known here.",
    "project_gone": "The project has been deleted.",
    "disabled_key": "The DSN's key is switched off: switch it on under Client Keys, or use another.",
    "keys_unavailable": "The server could not look the key up: it tries again when the SDK does.",
    "project_id": "The number at the end of the DSN is not this project's.",
    "cors": "The page's origin is not among the project's allowed domains.",
    "no_data": "The request was empty.",
    "method": "The request was not a POST.",
    "content_encoding": "The body is packed in a way that is not known here.",
    "invalid_compression": "The body could not be unpacked: something on the way may have changed it.",
    "invalid_envelope": "The body is no envelope: something on the way may have changed it.",
    "invalid_json": "The event is not valid JSON.",
    "payload": "The event cannot be read.",
    "invalid_otlp": "The body is no OTLP request of traces or logs, in protobuf or JSON.",
    "too_many_entries": "More entries in one OTLP request than it may have: send smaller batches.",
    "invalid_transaction": "The transaction lacks its times, its trace or its span, or ends before it starts.",
    "invalid_span": "The span lacks its times, its trace or its id.",
    "security_report": "The security report cannot be read.",
    "sdk-requests": "Filtered: the span is the SDK's own request to this server.",
    "duplicate": "An event with this id was received before.",
    "quota": "The project's quota is used up for the moment.",
    "key_rate": "The key's rate limit is used up for the moment.",
    "unsupported": "Items of this kind are not stored by this version.",
    "overloaded": "The server has no room at the moment.",
    "internal": "The server failed: its log says why.",
    "browser-extensions": "Filtered: the error comes from a browser extension.",
    "localhost": "Filtered: events from localhost are filtered in this project.",
    "web-crawlers": "Filtered: the sender is a web crawler.",
    "legacy-browsers": "Filtered: the browser is an old one that the project filters.",
    "filtered-transaction": "Filtered: it is a health check.",
}


def in_words(reason: str) -> str:
    """A sentence for a reason; of one without words of its own, the reason itself."""
    if reason.startswith("too_large"):
        return f"Too large: the limit of {reason.partition(':')[2] or 'the request'} is passed."
    return _WORDS.get(reason, f"Not taken: {reason.replace('_', ' ').replace('-', ' ')}.")
