"""How much of NumPy is recorded with a right gradient: tables of calls, a judge, and the counts."""
