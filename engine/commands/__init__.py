"""The headless commands of the engine."""
