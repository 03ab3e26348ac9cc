"""One process among others: what each part of it works with, and how they tell each other."""
