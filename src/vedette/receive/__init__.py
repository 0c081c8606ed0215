"""How SDKs see the server: authenticate, check framing and quota, spool, answer. No look at payloads."""
