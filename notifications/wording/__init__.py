"""What a message says, to whom, and how it is put into bytes."""
