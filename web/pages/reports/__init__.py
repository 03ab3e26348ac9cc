"""Reports, and what each person carries."""
