"""The formula of a gradient rule: the rule itself, run on symbols."""
