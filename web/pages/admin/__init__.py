"""For whoever runs the installation: the first run, what sends, the log of changes, the demo's Phone."""
