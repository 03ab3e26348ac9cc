"""Alerts: the list, one of them, answering, and paging by hand."""
