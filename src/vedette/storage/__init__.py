"""Machines that keep things: records (SQL), telemetry (ClickHouse), the engine process."""
