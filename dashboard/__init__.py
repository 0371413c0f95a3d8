"""The wall: layout, painters and wiring."""
