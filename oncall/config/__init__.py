"""The config file: read (load), compare (merge, check, plan), write to the database (apply) and back (export)."""
