"""Where the code of agents runs: closed in as well as the machine can, with limits, and ended whole."""
