"""Events in: pure parsers, one per sending tool, and the writer that commits what they made before the 202."""
