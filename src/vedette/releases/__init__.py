"""Releases: versions and their order, and in which projects they were seen."""
