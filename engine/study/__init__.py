"""The blind listening study as it lies on disk: what is played to a participant, and what they answer. No torch, no Qt."""
