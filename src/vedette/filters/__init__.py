"""Inbound filters: what a project does not want of what it is sent. Values in, values out."""
