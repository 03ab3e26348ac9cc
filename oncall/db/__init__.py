"""The database: how it is opened and asked, the same on SQLite and PostgreSQL."""
