"""Tools an agent may call: our own, which need no key, and those of MCP servers."""
