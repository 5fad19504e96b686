"""Names of other libraries on ours, for lessons that are written with them."""
