"""Formats that mofflow writes and reads: one file a format."""
