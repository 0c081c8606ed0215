"""Spans, logs and metrics are scrubbed by the rules of events."""

import msgspec

from vedette.scrub.attributes import LOG, SPAN, is_clean, scrub_entry
from vedette.scrub.rules import ScrubSettings, compile_settings

DEFAULTS = compile_settings(ScrubSettings())


def by_rules(*rules: dict[str, str]) -> ScrubSettings:
    return ScrubSettings(data_scrubber=False, relay_pii_config=msgspec.json.encode(rules).decode())


def test_secrets_go_by_the_name_of_their_attribute():
    texts = {"db.password": "hunter2", "http.url": "http://a/?token=abc&x=1", "plain": "x"}
    counts = {
        "gen_ai.usage.input_tokens": 7.0,
        "gen_ai.usage.input_tokens.cached": 2.0,
        "gen_ai.server.time_to_first_token": 0.3,
    }
    numbers = {"api_key": 12345.0, **counts}
    text = scrub_entry(SPAN, "GET /?password=abc", texts, numbers, DEFAULTS)
    assert text == "GET /?password=[Filtered]"
    assert texts == {
        "db.password": "[Filtered]",
        "http.url": "http://a/?token=[Filtered]&x=1",
        "plain": "x",
        "api_key": "[Filtered]",
    }
    assert numbers == counts


def test_a_selector_reaches_one_attribute_and_the_body():
    scrubber = compile_settings(
        by_rules(
            {"type": "anything", "method": "remove", "source": "$log.attributes.session"},
            {"type": "ip", "method": "mask", "source": "$log.body"},
        )
    )
    texts = {"session": "s1", "peer": "10.0.0.1"}
    text = scrub_entry(LOG, "from 10.0.0.1", texts, {}, scrubber)
    assert (text, texts) == ("from ********", {"peer": "10.0.0.1"})


def test_rules_of_other_entries_leave_this_one_alone():
    scrubber = compile_settings(by_rules({"type": "anything", "source": "$span.data.k"}))
    texts = {"k": "v"}
    scrub_entry(LOG, "b", texts, {}, scrubber)
    assert texts == {"k": "v"}
    scrub_entry(SPAN, "b", texts, {}, scrubber)
    assert texts == {"k": "[Filtered]"}


def test_bytes_without_anything_to_find_need_no_second_look():
    assert is_clean(b'{"body":"all well","attributes":{"a":{"value":"b"}}}', DEFAULTS)
    assert not is_clean(b'{"attributes":{"password":{"value":"b"}}}', DEFAULTS)
