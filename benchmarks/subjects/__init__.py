"""One file per library. Each function prepares a piece of work and returns it `Ready` to repeat."""
