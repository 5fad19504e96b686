"""Programs as text: how calls, functions and whole programs are written down."""
