"""The travel team: who is in it, who speaks next and when it ends, the facts under it, and the plan that comes of it."""
