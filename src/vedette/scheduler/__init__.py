"""The scheduler: what must happen by the clock, in one process of all nodes at a time."""
