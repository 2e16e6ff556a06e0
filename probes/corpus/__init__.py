"""Where labelled audio comes from."""
