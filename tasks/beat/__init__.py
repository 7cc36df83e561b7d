"""What happens by itself: timers, happenings, nudges, and anchors that move."""
