"""Panels of the wall, one kind a file."""
