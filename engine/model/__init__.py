"""MusicGen as an endless, steerable stream of codec frames."""
