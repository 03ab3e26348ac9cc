"""Schedules: who is on call and when, drawn over time, and everything by which that is changed."""
