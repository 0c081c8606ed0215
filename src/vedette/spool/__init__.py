"""Accepted requests on disk, in order, until they are processed. Knows bytes and folders, no payloads."""
