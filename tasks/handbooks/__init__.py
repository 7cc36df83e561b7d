"""What the house has published, and how it is published: processes, standards, calendars, letters."""
