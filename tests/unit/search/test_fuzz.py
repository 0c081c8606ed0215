from fuzz.search import main


def test_a_second_of_fuzzing_finds_no_surprise() -> None:
    main(1)
