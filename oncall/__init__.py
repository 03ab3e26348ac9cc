"""The domain: settings, tables, people, services, ingest, alerts, escalation, delivery and the command line."""

__version__ = "0.1.0"
