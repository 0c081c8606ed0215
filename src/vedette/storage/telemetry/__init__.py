"""Telemetry: rows in ClickHouse tables, through the engine process or a real server alike."""
