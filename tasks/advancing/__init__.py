"""What comes next in a case: every construct of the process language, done under the case's lock."""
