"""How a span ended: one vocabulary, whatever it was told in (protocol notes, "Transactions and spans")."""

STATUSES = frozenset(
    (
        *("ok", "cancelled", "unknown", "invalid_argument", "deadline_exceeded", "not_found"),
        *("already_exists", "permission_denied", "resource_exhausted", "failed_precondition", "aborted"),
        *("out_of_range", "unimplemented", "internal_error", "unavailable", "data_loss", "unauthenticated"),
    )
)
NOT_FAILED = frozenset(("ok", "cancelled", "unknown", ""))

# Other spellings: OpenTelemetry's, gRPC's, those of older SDKs.
_ALIASES = {
    "unknown_error": "unknown",
    "canceled": "cancelled",
    "success": "ok",
    "error": "internal_error",
    "internal": "internal_error",
    "failure": "internal_error",
    "failed": "internal_error",
    "unset": "",
    "none": "",
    "unauthorized": "unauthenticated",
    "forbidden": "permission_denied",
    "timeout": "deadline_exceeded",
}
_CODES = (  # gRPC's numbers
    *("ok", "cancelled", "unknown", "invalid_argument", "deadline_exceeded", "not_found"),
    *("already_exists", "permission_denied", "resource_exhausted", "failed_precondition", "aborted"),
    *("out_of_range", "unimplemented", "internal_error", "unavailable", "data_loss", "unauthenticated"),
)
_OF_HTTP = {
    400: "invalid_argument", 401: "unauthenticated", 403: "permission_denied", 404: "not_found",
    409: "already_exists", 412: "failed_precondition", 413: "failed_precondition", 416: "out_of_range",
    429: "resource_exhausted", 499: "cancelled", 501: "unimplemented", 503: "unavailable",
    504: "deadline_exceeded",
}  # fmt: skip


def status_of(sent: str | None, http_status: int) -> str:
    """The canonical status of what a client said, else of the HTTP answer, else `unknown`."""
    named = _named(sent) if sent else ""
    return named or of_http(http_status) or "unknown"


def status_of_v2(sent: str | None, message: str, http_status: int) -> str:
    """The same of a span that says only `ok` or `error`: the answer or the message say which error."""
    word = (sent or "").strip().lower()
    answer = of_http(http_status)
    if word in ("ok", "success", "", "unset"):
        return answer if answer and answer != "ok" else "ok" if word == "ok" or answer else "unknown"
    if word != "error":
        return status_of(sent, http_status)
    said = _named(message)
    if said and said != "ok":
        return said
    return answer if answer and answer != "ok" else "internal_error"


def of_http(code: int) -> str:
    """The status an HTTP answer stands for; empty for none."""
    if not 100 <= code < 600:
        return ""
    if code < 400:
        return "ok"
    return _OF_HTTP.get(code) or ("invalid_argument" if code < 500 else "internal_error")


def _named(sent: str | None) -> str:
    if not sent:
        return ""
    if sent in STATUSES:
        return sent
    word = sent.strip().lower().replace(" ", "_").replace("-", "_")
    if word.isdigit():
        number = int(word[:6])
        return _CODES[number] if number < len(_CODES) else of_http(number)
    return word if word in STATUSES else _ALIASES.get(word, "")
