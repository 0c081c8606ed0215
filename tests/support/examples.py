"""How hard the tests try that invent their inputs: a tenth in the quick run, all of it in `make test`."""

import os

from hypothesis import HealthCheck, settings

QUICK = "VEDETTE_TESTS_QUICK" in os.environ
HASTE = 10  # the quick run makes one example of so many

settings.register_profile("quick", max_examples=100 // HASTE, deadline=None)


def tries(full: int, *forgiven: HealthCheck) -> settings:
    """Settings of a test with `full` examples in a whole run; nothing is timed on a busy machine."""
    count = max(full // HASTE, 5) if QUICK else full
    return settings(max_examples=count, deadline=None, suppress_health_check=forgiven)
