"""Speed, measured beside transformers in the same run."""
