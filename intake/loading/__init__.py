"""Rows into the book of business: staged by COPY, then added and changed in sets."""
