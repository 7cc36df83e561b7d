"""What is learnt: figures as SQL aggregates, shaped and exported."""
