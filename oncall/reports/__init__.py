"""What happened, added up: one file a report, all of them in `registry`."""
