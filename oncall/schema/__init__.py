"""The form of the tables: which one they have, bringing them to the next, taking them elsewhere."""
