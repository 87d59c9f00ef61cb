"""The sandboxes, tried with programs that mean harm."""
