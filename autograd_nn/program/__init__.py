"""A recorded graph as a program: plain NumPy that is read, kept and run."""
