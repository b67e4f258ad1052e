"""The ledger's durable half: one synchronous implementation for SQLite and PostgreSQL."""
