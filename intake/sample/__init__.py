"""The sample brokerage of the demo: its people, its book, half a year of its work, and one day more."""
