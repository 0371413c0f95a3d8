"""The warning centre: one file an indicator, and what they share."""
