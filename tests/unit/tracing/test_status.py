import pytest

from vedette.tracing.status import of_http, status_of, status_of_v2


@pytest.mark.parametrize(
    ("sent", "http_status", "status"),
    [
        ("ok", 0, "ok"),
        ("ok", 500, "ok"),  # what the client says counts
        ("not_found", 0, "not_found"),
        ("unknown_error", 0, "unknown"),
        ("Canceled", 0, "cancelled"),
        ("INTERNAL", 0, "internal_error"),
        ("5", 0, "not_found"),  # gRPC's number
        ("404", 0, "not_found"),  # an HTTP status in its place
        (None, 204, "ok"),
        (None, 404, "not_found"),
        (None, 418, "invalid_argument"),
        (None, 502, "internal_error"),
        (None, 503, "unavailable"),
        ("no such word", 429, "resource_exhausted"),
        ("no such word", 0, "unknown"),
        (None, 0, "unknown"),
        ("9" * 5000, 0, "unknown"),
    ],
)
def test_a_status_is_of_one_vocabulary(sent: str | None, http_status: int, status: str) -> None:
    assert status_of(sent, http_status) == status


@pytest.mark.parametrize(
    ("sent", "message", "http_status", "status"),
    [
        ("ok", "", 0, "ok"),
        ("ok", "", 404, "not_found"),
        ("ok", "", 200, "ok"),
        (None, "", 0, "unknown"),
        (None, "", 302, "ok"),
        ("error", "internal_error", 0, "internal_error"),
        ("error", "permission_denied", 500, "permission_denied"),
        ("error", "the disk is full", 0, "internal_error"),
        ("error", "", 429, "resource_exhausted"),
        ("error", "ok", 200, "internal_error"),
        ("deadline_exceeded", "", 0, "deadline_exceeded"),
    ],
)
def test_an_error_of_a_streamed_span_is_told_by_message_or_answer(
    sent: str | None, message: str, http_status: int, status: str
) -> None:
    assert status_of_v2(sent, message, http_status) == status


def test_what_is_no_http_status_says_nothing() -> None:
    assert [of_http(code) for code in (0, 99, 600, -1)] == ["", "", "", ""]
