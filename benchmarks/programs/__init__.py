"""The tutorial program in each library, as a user would write it: python FILE DIGITS.npz

100 epochs over 360 digits, 64-25-15-1, sigmoid, batches of 32, RMSprop(0.001); it prints the last
loss. `baselines/seed_process.py` is the one by hand.
"""
