"""The blind listening study: its design, its clips, and what the answers say."""
