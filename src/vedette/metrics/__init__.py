"""Metrics that carry a trace: counters, gauges, distributions."""
