"""How a broker's own table becomes fields: read, checked, and applied row by row."""
