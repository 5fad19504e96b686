"""Large graphs of scalars, replayed as a few array operations: a group of nodes at a time."""
