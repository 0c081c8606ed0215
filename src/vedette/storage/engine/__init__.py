"""The engine: the one process that loads chDB, and the ClickHouse HTTP protocol it answers.

Everybody else talks to it through `vedette.storage.telemetry`, as to a real server.
"""
