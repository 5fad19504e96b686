"""Training: what was chosen, the step that every form of it takes, the loop, evaluation."""
