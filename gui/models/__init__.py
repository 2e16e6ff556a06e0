"""Choosing what plays: models, their packs, downloads."""
