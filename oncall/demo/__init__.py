"""`oncall demo` and its company."""
