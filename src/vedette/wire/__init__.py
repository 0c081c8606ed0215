"""What SDKs and the server say to each other, as pure functions: DSN, credentials, envelopes, limits."""
