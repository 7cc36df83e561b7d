"""Service standards: what good service is for each kind of work, and how standards cascade."""
