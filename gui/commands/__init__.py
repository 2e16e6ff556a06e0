"""The window's headless commands."""
