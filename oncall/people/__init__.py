"""People: how each is reached, whether they are ready, and what happens when they leave."""
