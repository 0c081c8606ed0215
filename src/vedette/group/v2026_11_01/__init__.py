"""The algorithm of 2026-11-01.

Frozen once released: issues are found by the hashes it gives. A better idea becomes the next
version beside it.
"""
