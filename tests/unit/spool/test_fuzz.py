from fuzz.spool import run


def test_a_second_of_fuzzing_finds_no_surprise() -> None:
    assert run(1.0) > 5
