"""From labelled audio to a probe pack, and the proof that it works."""
