"""Mass generation: from everything in a window to cases and tasks, as sets inside PostgreSQL."""
