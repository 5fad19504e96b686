"""What a good NumPy user writes without a library. Fixed: nobody makes these slower or faster."""
