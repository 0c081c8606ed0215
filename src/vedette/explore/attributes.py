"""Attributes that a row holds in two maps, `attributes` of texts and `numbers`."""

from typing import Literal

from vedette.search.conditions import Compares, Equals, Exists, Matches, Test, Truth
from vedette.search.keys import KeySpec, Type
from vedette.search.values import read_number
from vedette.storage.telemetry.expressions import Parameters, any_of_these, number_test, value_test


class Maps:
    """The two maps of spans, logs and metrics."""

    def text(self, name: str, parameters: Parameters) -> str:
        """The text, else the number as text, else nothing."""
        key = parameters.add(name, "String")
        number = f"if(mapContains(numbers, {key}), toString(numbers[{key}]), '')"
        return f"if(attributes[{key}] != '', attributes[{key}], {number})"

    def number(self, name: str, parameters: Parameters) -> str:
        key = parameters.add(name, "String")
        return f"if(mapContains(numbers, {key}), numbers[{key}], NULL)"

    def truth(self, name: str, parameters: Parameters) -> str:
        key = parameters.add(name, "String")
        return f"if(mapContains(attributes, {key}), lower(attributes[{key}]) IN ('true', '1', 'yes'), NULL)"

    def pairs(self, kind: Literal["string", "number"]) -> str:
        if kind == "string":
            return "CAST(attributes, 'Array(Tuple(String, String))')"
        return "arrayMap(pair -> (pair.1, toString(pair.2)), CAST(numbers, 'Array(Tuple(String, Float64))'))"

    def test(self, key: KeySpec, test: Test, parameters: Parameters) -> str:
        """A test of whatever the key holds: a text, and where it can be meant, a number."""
        name = parameters.add(key.name, "String")
        if isinstance(test, Exists):
            return f"(attributes[{name}] != '' OR mapContains(numbers, {name}))"
        if isinstance(test, Compares | Equals) or key.type is Type.NUMBER:
            held = f"mapContains(numbers, {name})"
            return f"({held} AND {number_test(f'numbers[{name}]', _numbers(test), parameters)})"
        if isinstance(test, Truth):
            words = "('true', '1', 'yes')" if test.value else "('false', '0', 'no')"
            return f"lower(attributes[{name}]) IN {words}"
        text = value_test(f"attributes[{name}]", test, parameters)
        return any_of_these((text, *self._as_number(name, test, parameters)))

    def _as_number(self, name: str, test: Test, parameters: Parameters) -> tuple[str, ...]:
        """`retries:3` may mean a number; looking there too costs the index, so only where it can be one."""
        words = [text.exact for text in test.texts] if isinstance(test, Matches) else []
        numbers = [read_number(word) for word in words if word is not None]
        found = [number for number in numbers if number is not None]
        if not found:
            return ()
        return (
            f"(mapContains(numbers, {name}) AND numbers[{name}] IN {parameters.add(found, 'Array(Float64)')})",
        )


def _numbers(test: Test) -> Compares | Equals:
    assert isinstance(test, Compares | Equals), test
    return test


MAPS = Maps()
