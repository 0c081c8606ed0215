"""Issues: opening, counting, lifecycle, assignment, activity, merging.

Knows hashes, releases and projects of the records store; knows no telemetry and no HTTP.
"""
