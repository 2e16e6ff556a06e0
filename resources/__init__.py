"""What ships with the program: the Pocket model and how it was made."""
