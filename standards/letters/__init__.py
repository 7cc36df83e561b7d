"""Letters: what their templates may say, reading them, and filling them with facts."""
