"""Electronic styles."""
