"""What the window says of itself: its keys, its log, its licences."""
