"""The headless commands of the probes."""
