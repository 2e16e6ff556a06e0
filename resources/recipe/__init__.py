"""The making of Pocket: commands that anyone can rerun."""
