"""The colours of what is drawn. Each stands out from both themes' backgrounds by 3 to 1."""

BLUE, GREEN, ORANGE, PURPLE = "#4c6ef5", "#099268", "#d9480f", "#ae3ec9"
CYAN, YELLOW, RED, GREY = "#1098ad", "#a07d00", "#d6336c", "#868e96"
PALETTE = (BLUE, GREEN, ORANGE, PURPLE, CYAN, YELLOW, RED, GREY)
