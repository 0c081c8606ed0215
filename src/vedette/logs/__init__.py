"""Structured logs: containers of entries, read by time and by trace."""
