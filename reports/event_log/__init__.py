"""Event logs out of the house, and figures as the users of event logs count them."""
