"""My on-call: my shifts, how I am reached, when I am away, what lets me in."""
