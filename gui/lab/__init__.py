"""The Lab page: knobs from labelled audio, one more knob from a folder, what the probes hear in a recording."""
