"""Sound out: ring, output, levels. Never loads torch."""
