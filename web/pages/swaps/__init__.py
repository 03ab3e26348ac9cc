"""Swaps: asked for, answered, and what needs nobody's consent."""
