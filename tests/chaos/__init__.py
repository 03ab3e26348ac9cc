"""Real processes, a real PostgreSQL and a provider in a process of its own, while something goes wrong all the time.

`make test` runs each scenario in its short form, `make chaos` in its long one, `make chaos ONLY=pgbouncer` one alone.
"""
