"""Event logs as history: cases that were worked elsewhere, brought in as worked tasks."""
