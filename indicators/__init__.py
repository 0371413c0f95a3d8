"""What each figure means: its definition, formula and source."""
