"""The lifecycles, one file each: the states, the actions, and one table of what may follow what."""
