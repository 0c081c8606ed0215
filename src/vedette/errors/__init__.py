"""Errors and messages: from an event's bytes to a row and an issue, and back to the page."""
