"""What managers define: processes, service standards, calendars, letters. Pure: no database, no clock."""
