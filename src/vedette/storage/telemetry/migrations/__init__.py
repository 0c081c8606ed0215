"""Numbered SQL files, applied in order by `vedette.storage.telemetry.migrate`."""
