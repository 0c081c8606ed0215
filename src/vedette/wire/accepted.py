"""What a client takes: its `Accept-Encoding`, read without a pattern, which a long header would keep busy."""


def takes(accept_encoding: bytes, coding: bytes) -> bool:
    """Whether answers may be in this content coding: it, or `*`, is named, and not with a weight of 0."""
    said = [_read(part) for part in accept_encoding.lower().split(b",")]
    own = [is_welcome for name, is_welcome in said if name == coding]
    return any(own or [is_welcome for name, is_welcome in said if name == b"*"])


def _read(part: bytes) -> tuple[bytes, bool]:
    name, _, weight = part.partition(b";")
    return name.strip(), not weight or weight.partition(b"=")[2].strip(b"\t 0.") != b""
