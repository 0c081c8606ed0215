"""Errors: one event from the spool to its issue, and the questions asked of them."""
