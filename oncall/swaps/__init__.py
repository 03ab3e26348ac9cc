"""Swaps: shifts change hands with the consent of whoever takes them, or by a manager on the record."""
