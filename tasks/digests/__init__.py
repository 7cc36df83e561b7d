"""What a digest tells: somebody's own work, and what befell it while they were away; and when digests are made."""
