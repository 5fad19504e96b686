"""A training as a film: a page that plays it, a GIF, numbered pictures."""
