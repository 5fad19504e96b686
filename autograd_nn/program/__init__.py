"""A recorded graph as a program: read, planned, written out and run."""
