"""Exercises: what is asked, what is answered, and which mistake an answer shows."""
