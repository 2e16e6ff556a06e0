"""Our own composer and renderer."""
