"""Maintenance: windows in which alerts do not page; those still open when one ends are paged then."""
