"""Recorded takes and their scores. Never loads torch."""
