"""What the API answers where the telemetry store answers with an error."""

from typing import Any, cast

import pytest

from vedette.api.errors import on_telemetry
from vedette.storage.telemetry.errors import error_for


@pytest.mark.parametrize(
    ("status", "code", "answered"),
    [
        (400, 53, 400),  # a type that does not fit
        (500, 72, 400),  # a number that is none
        (408, 159, 400),  # it takes too long
        (400, 62, 500),  # our own SQL is wrong
        (404, 60, 503),  # the first start is still making its tables
        (503, 202, 503),
        (0, 0, 503),  # no answer
    ],
)
def test_what_is_wrong_with_a_question_is_the_callers_all_else_is_ours(
    status: int, code: int, answered: int
) -> None:
    answer = on_telemetry(cast("Any", None), error_for(status, code, "", reading=True))
    assert answer.status_code == answered
    assert ("Retry-After" in answer.headers) == (answered == 503)
