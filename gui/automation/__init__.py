"""Lanes: drawn, played while the music plays, and put in place of what a take did."""
