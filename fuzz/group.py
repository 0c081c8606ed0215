"""Throws odd events and rule texts at grouping.

    .venv/bin/python fuzz/group.py [seconds]

Whatever an event holds: `group` gives at least one hash, `explain` gives the same ones, both do so
twice, and nothing raises. Rule texts are read or refused with a place. Prints how many rounds ran;
a surprise is printed with its seed and ends the program.
"""

import random
import re
import sys
import time

import msgspec

from vedette.core.event import (
    Event,
    ExceptionChain,
    ExceptionValue,
    Frame,
    LogEntry,
    Mechanism,
    Raw,
    Stacktrace,
    Thread,
    Threads,
)
from vedette.group import (
    GroupingConfig,
    RuleError,
    StackRules,
    explain,
    group,
    parse_fingerprint_rules,
    parse_stack_trace_rules,
)

PLATFORMS = [
    "python",
    "javascript",
    "node",
    "java",
    "php",
    "ruby",
    "go",
    "csharp",
    "native",
    "cocoa",
    "objc",
    "rust",
    "other",
    "klingon",
]
_TEXTS = r"""
$$Lambda$1 $Proxy12 <lambda> <module> __main__ block in func1.2 ::h0123456789abcdef operator< (int) <T>
closure #1 in async * [as x] /< ? <anonymous> [native code] https://a.b/c.js webpack:///./a.ts node_modules/
main.3f2a91c0.js eval at a.py C:\x\y.cs é 1 12.5 0xff 10.0.0.1 ::1 a@b.co {{ default }} {{ type }}
Cannot read properties of undefined (reading 'x') Failed to fetch captured as exception with keys: a, b
{"a": 1} [1, 2] 'x' =True asyncio.runners Loading chunk 1 failed
"""
_RULES = r"""
type: value: message: path: module: function: app:yes app:no family:all family:native [ ] | ! -> -app +app
^-group v+app max-frames=2 min-frames=1 category=x category:x {{ default }} {{ type }} title="x" , " \ #
a *b* **/c/** tags.a:b logger:* level:error thread.name:x release:** [!a]?
"""
PIECES = [*re.split(r"[ \n]", _TEXTS), "\x00", "\ud800"]
RULE_PIECES = re.split(r"[ \n]", _RULES)
RAWS = (
    b"null",
    b"{}",
    b"[]",
    b'{"sourcemap":1}',
    b'[{"category":"fetch","data":{"url":"http://[x"}}]',
    b'{"ns_error":{"domain":"A","code":1}}',
)


class Maker:
    """Random values from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str | None:
        if self.random.random() < 0.2:
            return None
        return self.random.choice(("", " ", "/", ".", "::")).join(
            self.random.choices(PIECES, k=self.random.randrange(1, 5))
        )

    def flag(self) -> bool | None:
        return self.random.choice((True, False, None))

    def raw(self) -> Raw:
        return Raw(self.random.choice(RAWS))

    def frame(self) -> Frame:
        return Frame(
            function=self.text(),
            module=self.text(),
            filename=self.text(),
            abs_path=self.text(),
            package=self.text(),
            context_line=self.text(),
            in_app=self.flag(),
            data=self.raw(),
            platform=self.random.choice((None, *PLATFORMS)),
        )

    def stack(self) -> Stacktrace | None:
        if self.random.random() < 0.3:
            return None
        pool = [self.frame() for _ in range(self.random.randrange(1, 6))]
        return Stacktrace(frames=self.random.choices(pool, k=self.random.randrange(0, 40)))

    def mechanism(self) -> Mechanism | None:
        if self.random.random() < 0.3:
            return None
        return Mechanism(
            synthetic=self.flag(),
            exception_id=self.random.choice((None, 0, 1, 2, 3)),
            parent_id=self.random.choice((None, 0, 1, 2, 3)),
            is_exception_group=self.flag(),
            meta=self.raw(),
        )

    def error(self) -> ExceptionValue:
        thread_id = self.random.choice((None, 1, "2"))
        return ExceptionValue(
            type=self.text(),
            value=self.text(),
            thread_id=thread_id,
            mechanism=self.mechanism(),
            stacktrace=self.stack(),
        )

    def event(self) -> Event:
        some = self.random.choice
        return Event(
            event_id="0" * 32,
            platform=some(PLATFORMS),
            transaction=self.text(),
            fingerprint=some((None, None, [self.text() or "{{ default }}", "x"])),
            exception=some(
                (None, ExceptionChain([self.error() for _ in range(self.random.randrange(0, 5))]))
            ),
            threads=some(
                (None, Threads([Thread(id=n, crashed=self.flag(), stacktrace=self.stack()) for n in (1, 2)]))
            ),
            stacktrace=self.stack(),
            logentry=some((None, LogEntry(message=self.text(), formatted=self.text()))),
            template=some((None, self.frame())),
            breadcrumbs=self.raw(),
            csp=some((*[Raw(b"null")] * 9, self.raw())),
            checksum=some((None, None, None, "abc")),
        )

    def rules(self) -> str:
        lines = self.random.randrange(1, 4)
        return "\n".join(
            " ".join(self.random.choices(RULE_PIECES, k=self.random.randrange(1, 9))) for _ in range(lines)
        )


def _config(maker: Maker) -> GroupingConfig:
    text = maker.rules()
    try:
        fingerprints = parse_fingerprint_rules(text)
    except RuleError as error:
        assert error.line >= 1 and error.column >= 1
        fingerprints = ()
    try:
        stacks = parse_stack_trace_rules(text)
    except RuleError as error:
        assert error.line >= 1 and error.column >= 1
        stacks = StackRules()
    return GroupingConfig(fingerprint_rules=fingerprints, stack_trace_rules=stacks)


def once(seed: int) -> None:
    maker = Maker(seed)
    event, config = maker.event(), _config(maker)
    found = group(event, config)
    assert found.hashes and all(len(h) == 32 for h in found.hashes)
    assert group(event, config) == found
    shown = [v.hash for v in explain(event, config) if v.contributes]
    assert tuple(dict.fromkeys(shown)) == found.hashes
    msgspec.to_builtins(explain(event, config))


def main() -> None:
    end = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 10)
    seed = random.SystemRandom().randrange(2**32)
    rounds = 0
    while time.monotonic() < end:
        try:
            once(seed + rounds)
        except Exception:
            print(f"seed {seed + rounds}", file=sys.stderr)
            raise
        rounds += 1
    print(f"{rounds} rounds")


if __name__ == "__main__":
    main()
