"""Traces: transactions and spans, of any protocol, as rows of one table (docs/adr/0011)."""
