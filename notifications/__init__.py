"""What leaves the house: messages, letters, digests."""
