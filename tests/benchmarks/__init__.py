"""What Roundtable costs and how fast it is, beside Chainlit and the bare openai client: `make bench`."""
