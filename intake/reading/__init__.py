"""Files as they are found: CSV and Excel, with a row number for everything that is wrong."""
