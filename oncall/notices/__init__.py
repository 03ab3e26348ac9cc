"""Notices: what people are told that is not about an alert: their shifts, changes of them, problems to mend."""
