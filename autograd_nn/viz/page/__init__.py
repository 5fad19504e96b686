"""One HTML file to walk through a backward pass; its script and style stand beside this."""
