"""Rock styles."""
