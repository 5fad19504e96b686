"""The derivative of a loss as mathematics: the rules of a whole graph, run on symbols."""
