"""Telling people: facts of the outbox → deliveries → mail, webhooks, apprise's services."""
