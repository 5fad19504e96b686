"""The chain rule of one gradient, written out."""
