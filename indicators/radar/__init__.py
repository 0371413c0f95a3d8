"""The radar: one file an axis, always higher is better, 0 to 100."""
