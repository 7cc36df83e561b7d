"""What comes in: files with their mappings, and the sample brokerage."""
