"""Runs of training: gone on with after a kill, and told apart."""
