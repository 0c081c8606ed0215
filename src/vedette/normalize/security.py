"""Security reports of browsers → event payloads.

Knows the two styles of CSP reports, HPKP, Expect-CT and Expect-Staple. The endpoint and media types are the
receiver's.
"""

import msgspec

from vedette.normalize.coerce import Json, Object, as_list, as_object, encode
from vedette.normalize.received import InvalidPayload, Received
from vedette.normalize.sanitize import split

_WRAPPED = {"csp-report": "csp", "expect-ct-report": "expectct", "expect-staple-report": "expectstaple"}
_URL_FIELDS = ("document_uri", "url")


def payloads(report: bytes, facts: Received) -> list[bytes]:
    """One event payload for each report in a body; the Reporting API sends several.

    Raises `InvalidPayload` (`security_report`) when none is of a known kind.
    """
    found = [payload for item in _items(report) if (payload := _payload(item, facts)) is not None]
    if not found:
        raise InvalidPayload("security_report", "no report of a known kind")
    return found


def _items(report: bytes) -> list[Json]:
    body = report.strip()
    body = b'{"items":%s}' % (body if body.startswith(b"[") else b"[%s]" % body)
    try:
        _, parts = split(body)
        return as_list(msgspec.json.decode(parts["items"])) or []
    except (InvalidPayload, KeyError, RecursionError, msgspec.MsgspecError) as error:
        raise InvalidPayload("security_report", "not JSON") from error


def _payload(item: Json, facts: Received) -> bytes | None:
    sent = as_object(item)
    found = _kind(sent) if sent is not None else None
    if found is None:
        return None
    kind, fields = found
    if kind == "csp" and not (fields.get("effective_directive") or fields.get("violated_directive")):
        return None
    return encode(_event(kind, fields, facts))


def _kind(sent: Object) -> tuple[str, Object] | None:
    if sent.get("type") == "csp-violation":
        return "csp", _csp_of_reporting_api(sent)
    for key, kind in _WRAPPED.items():
        report = as_object(sent.get(key))
        if report is not None:
            return kind, _underscored(report)
    if "known-pins" in sent or "known_pins" in sent:
        return "hpkp", _underscored(sent)
    return None


def _underscored(report: Object) -> Object:
    return {name.replace("-", "_"): value for name, value in report.items() if value is not None}


# Names of the Reporting API that differ from the older report's by more than their spelling.
_REPORTING_API = {"document_url": "document_uri", "blocked_url": "blocked_uri", "sample": "script_sample"}


def _csp_of_reporting_api(sent: Object) -> Object:
    body = as_object(sent.get("body")) or {}
    fields = {_snake(name): value for name, value in body.items() if value is not None}
    fields = {_REPORTING_API.get(name, name): value for name, value in fields.items()}
    url = sent.get("url")
    if isinstance(url, str):
        fields.setdefault("document_uri", url)
    return fields


def _snake(name: str) -> str:
    words = "".join(f"_{char.lower()}" if char.isupper() else char for char in name[:100])
    return words.replace("_u_r_l", "_url").replace("_u_r_i", "_uri").lstrip("_")


def _event(kind: str, fields: Object, facts: Received) -> Object:
    url = next((fields[name] for name in _URL_FIELDS if isinstance(fields.get(name), str)), None)
    headers = [
        [name, value]
        for name, value in (("User-Agent", facts.user_agent), ("Referer", fields.get("referrer")))
        if value
    ]
    event: Object = {
        "type": kind,
        kind: fields,
        "logger": kind,
        "level": "info" if fields.get("disposition") == "report" else "error",
        "release": facts.release,
        "environment": facts.environment,
        "user": {"ip_address": "{{auto}}"},
        "request": {"url": url, "headers": headers},
    }
    return {name: value for name, value in event.items() if value is not None}
