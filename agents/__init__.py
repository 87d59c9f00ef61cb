"""Everything of AutoGen: the loop that drives it, runs, models, modes, and its messages turned into our events."""
