"""The pager's own pulse: how it stands, told to Prometheus, to an outside watcher, and tried out by canaries."""
