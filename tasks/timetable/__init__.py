"""The timetable: what rings when, who has claimed a ringing, and what came of it."""
