"""What runs on the engine: intake from the sources and the fold of the log; thin, without decisions of its own."""
