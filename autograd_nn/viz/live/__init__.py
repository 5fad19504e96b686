"""The recorded loss as a program that its page runs."""
