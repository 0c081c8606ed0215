"""The pipeline: spool → features. One table of item types; retries, dead letters, outcomes."""
