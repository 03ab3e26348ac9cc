"""One process from start to stop: the engine, its jobs, the connections it serves."""
