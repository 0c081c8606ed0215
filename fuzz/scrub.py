"""Throws odd rules, selectors and secrets at scrubbing.

    .venv/bin/python fuzz/scrub.py [seconds]

Rules are read or refused with a reason; whatever they are, scrubbing an event never raises, the
event still reads back, and a planted password is gone under the default rules. Prints how many
rounds ran; a surprise is printed with its seed, and ends the program.
"""

import random
import re
import sys
import time

import msgspec

from vedette.core.event import Event
from vedette.normalize.event import Received, normalize
from vedette.scrub.rules import InvalidRules, ScrubSettings, compile_settings, parse_rules
from vedette.scrub.scrub import preview, scrub

FACTS = Received(received_us=1_790_000_000_000_000)
SECRET = "Tr0ub4dor&3"
_SELECTORS = (
    "** * $string $frame.vars $user.ip_address extra.** tags.a && || ! ( ) 'a b' $http.headers.x . $nothing"
)
_VALUES = """4111 1111 1111 1111|078-05-1120|a@b.co|10.0.0.1|::1|/home/ada|http://u:p@h/|{"password":"x"}|{'token': 'y'}
token=z|Bearer abcdefghijklmnopq|-----BEGIN RSA PRIVATE KEY-----|author|[|{|"|\\|é|\x00|=|:|&"""
SELECTORS = _SELECTORS.split(" ")
VALUES = re.split(r"[|\n]", _VALUES)
KINDS = (
    "ip",
    "email",
    "creditcard",
    "anything",
    "password",
    "pattern",
    "redact_pair",
    "userpath",
    "nonsense",
    "",
)
METHODS = ("remove", "mask", "hash", "replace", "burn")
PATTERNS = ("a+", "(a+)+$", "(", "x*", "", "(?=a)", ".*", "[^\\n]", "\\d{1,3}")


class Maker:
    """Random rules and events from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        return self.random.choice(("", " ", "=")).join(
            self.random.choices(VALUES, k=self.random.randrange(4))
        )

    def rules(self) -> list[dict[str, str]]:
        return [
            {
                "type": self.random.choice(KINDS),
                "method": self.random.choice(METHODS),
                "source": self.random.choice((" ", "", ".")).join(
                    self.random.choices(SELECTORS, k=self.random.randrange(1, 4))
                ),
                "pattern": self.random.choice(PATTERNS),
                "keyPattern": self.random.choice(PATTERNS),
            }
            for _ in range(self.random.randrange(4))
        ]

    def bag(self, depth: int = 3) -> object:
        kind = self.random.randrange(4 if depth else 1)
        if kind < 2:
            return self.random.choice((self.text(), 4111111111111111, 1.5, None, True))
        if kind == 2:
            return [self.bag(depth - 1) for _ in range(self.random.randrange(3))]
        return {self.text(): self.bag(depth - 1) for _ in range(self.random.randrange(3))}

    def event(self) -> Event:
        planted = self.random.choice(
            ({"password": SECRET}, {"a": [{"api_key": SECRET}]}, {"x": f"token={SECRET}".replace("&", "")})
        )
        bag = {"bag": self.bag(), **planted}
        frame = {"function": "f", "vars": bag}
        payload = {
            "extra": bag,
            "message": self.text(),
            "request": {
                "url": self.text(),
                "headers": {self.text(): self.text(), "Authorization": SECRET},
                "data": bag,
            },
            "user": {"id": self.text(), "ip_address": "10.0.0.1"},
            "contexts": {"c": bag},
            "breadcrumbs": [{"message": self.text(), "data": bag}],
            "exception": [{"type": "E", "value": self.text(), "stacktrace": {"frames": [frame]}}],
        }
        return normalize(msgspec.json.encode(payload), FACTS)


def check(maker: Maker) -> None:
    """Raises when scrubbing does other than promised."""
    rules = maker.rules()
    try:
        parse_rules(list(rules))
    except InvalidRules as refused:
        assert refused.problems, "refused without a reason"
    settings = ScrubSettings(
        relay_pii_config=msgspec.json.encode(rules).decode(), sensitive_fields=(maker.text(),)
    )
    scrubber = compile_settings(settings)
    event = maker.event()
    preview(event, scrubber)
    stored = msgspec.json.encode(scrub(event, scrubber))
    msgspec.json.decode(stored, type=Event)
    assert SECRET.encode() not in stored, "a secret was stored"


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            check(Maker(rounds))
        except Exception as error:  # whatever it is, it is the find
            print(f"seed {rounds}: {type(error).__name__}: {error}")
            return 1
        rounds += 1
    print(f"{rounds} rounds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
