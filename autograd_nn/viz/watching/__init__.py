"""Training watched: what was measured, what was wrong, figures and a page of it."""
