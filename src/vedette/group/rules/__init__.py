"""The two rule languages: fingerprint rules and stack-trace rules."""
