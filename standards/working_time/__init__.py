"""Calendars, durations and the arithmetic of open time."""
