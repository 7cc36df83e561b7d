"""What is remembered: the tables of the book of business and of the work, the session, the migrations."""
