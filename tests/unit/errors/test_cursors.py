import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api.paging import parse_cursor
from vedette.errors.cursors import IssueCursor, end_of, read_cursor

cursors = st.builds(
    IssueCursor,
    st.integers(-(10**15), 4 * 10**16),
    st.integers(1, 10**9 - 1),
    st.integers(10**9, 9 * 10**9),
    st.booleans(),
)


@given(cursors)
def test_a_written_cursor_is_read_back_and_is_one_of_the_apis(cursor: IssueCursor) -> None:
    assert read_cursor(str(cursor)) == cursor
    assert str(parse_cursor(str(cursor))) == str(cursor)


@pytest.mark.parametrize("text", ["", "0:0:0", "0:100:0", "x", "1:2:3", "1:1790000000000000001:2", "9" * 99])
def test_what_we_have_not_written_is_no_cursor(text: str) -> None:
    assert read_cursor(text) is None


def test_the_end_of_time_is_that_of_the_first_page() -> None:
    assert end_of(None, 1_790_000_000_000_001) == 1_790_000_001
    assert end_of(IssueCursor(5, 1, 1_780_000_000), 1_790_000_000_000_001) == 1_780_000_000
