"""The duty desk: what it shows, what is done there, and how it feels in a real Chromium."""
