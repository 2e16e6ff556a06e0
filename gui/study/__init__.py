"""The Study page: the blind listening study, taken and scored in the window."""
