"""What every room may lean on: settings, errors, the clock, the log and who is acting."""
