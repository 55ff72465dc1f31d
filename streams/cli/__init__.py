"""The command line, one module per command; no decisions of its own."""
