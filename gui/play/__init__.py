"""The Play page: knobs, pad, views and transport."""
