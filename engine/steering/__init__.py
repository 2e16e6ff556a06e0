"""Probe directions, blended and applied to the residual stream."""
