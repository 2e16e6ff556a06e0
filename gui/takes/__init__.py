"""The takes panel."""
