"""Functions of functions: gradients, Jacobians, products with them. They nest to any order."""
