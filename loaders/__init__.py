"""Office files in, with a report of every row."""
