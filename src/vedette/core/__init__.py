"""The vocabulary: ids, time, events, outcomes, facts. Values only; knows no I/O."""
