"""The embedded PostgreSQL: set up at first use, started when needed, shared by all processes."""
