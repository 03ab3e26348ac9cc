"""Schedules changed by hand, and tried out before they are kept."""
