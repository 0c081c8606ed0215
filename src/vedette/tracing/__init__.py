"""Transactions and spans, what they cost, and the trace they belong to."""
