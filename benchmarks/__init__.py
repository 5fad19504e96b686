"""How fast, and how much memory: ratios against hand-written NumPy and other libraries."""
