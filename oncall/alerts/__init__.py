"""Alerts: what events make of them, what people do to them, and what is asked of them."""
