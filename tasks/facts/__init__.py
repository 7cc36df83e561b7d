"""What is so about a subject or a case: fields by SQL, conditions as selection, and what answers say."""
