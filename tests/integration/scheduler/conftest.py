"""The same stores and clients as the tests of the issues' API."""

from tests.integration.issue_api.conftest import ada, engine, feed, project_id, services, telemetry

__all__ = ["ada", "engine", "feed", "project_id", "services", "telemetry"]
