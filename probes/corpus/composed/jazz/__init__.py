"""Jazz styles."""
