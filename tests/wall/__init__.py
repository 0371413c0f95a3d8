"""The wall in a real Chromium, over the whole demo district."""
