"""The demo district, written as an office would hand it over."""
