"""A recorded graph as a program: read it, keep it, run it."""
