"""The pipeline's door to issues: `open_issues` inside T1, `record_sightings` inside T2."""

from vedette.issues.ageing import expire_archives, settle_issues
from vedette.issues.opening import open_issues
from vedette.issues.recording import record_sightings
from vedette.issues.sightings import (
    DISCARDED,
    Candidate,
    Discarded,
    HashKey,
    IssueRef,
    Seen,
    Sighting,
    group_hash,
)

__all__ = [
    "DISCARDED",
    "Candidate",
    "Discarded",
    "HashKey",
    "IssueRef",
    "Seen",
    "Sighting",
    "expire_archives",
    "group_hash",
    "open_issues",
    "record_sightings",
    "settle_issues",
]
