"""The engine: from an intent (knobs, prompt, seed) to sound."""
