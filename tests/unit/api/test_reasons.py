"""Every reason that receiving gives has words of its own on the page that waits for a first event."""

import re
from pathlib import Path

import vedette
from vedette.api.reasons import in_words

SOURCE = Path(vedette.__file__).parent
_GIVEN = re.compile(r'(?:Refusal|AuthError)\(\s*\d+,\s*f?"[^"]*",\s*"(\w+)"|"\),\s*"([a-z_]+)"\)')


def given() -> set[str]:
    files = (SOURCE / "receive/gate.py", SOURCE / "receive/body.py", SOURCE / "wire/auth.py")
    found = {name for file in files for match in _GIVEN.findall(file.read_text()) for name in match if name}
    rules = re.findall(r'\(.+, "[a-z ]+", "(\w+)"\),', (SOURCE / "receive/gate.py").read_text())
    return found | set(rules)


def test_each_reason_has_its_own_words() -> None:
    reasons = given()
    assert {"cors", "unknown_key", "invalid_dsn", "no_data"} <= reasons
    plain = {reason for reason in reasons if in_words(reason).startswith("Not taken: ")}
    assert plain == set()
