"""One element of an array opened into the terms that it is made of."""
