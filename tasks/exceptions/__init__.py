"""What a manager has to know first: where the house's work does not go as it should."""
