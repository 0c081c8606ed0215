"""Every page in light, dark and 400 px: `python -m tests.shots`. Fails on what a person would not accept."""
