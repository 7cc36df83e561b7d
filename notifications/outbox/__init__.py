"""The outbox: the states of a message, and what people see and decide of it."""
