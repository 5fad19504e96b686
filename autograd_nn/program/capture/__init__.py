"""Functions that become programs: observed, compared, and then replayed."""
