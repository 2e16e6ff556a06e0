"""Who says what genre a sound is."""
