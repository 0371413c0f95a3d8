"""Pure computation over places, coordinates and flows; no input or output."""
