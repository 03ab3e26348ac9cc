"""Who is on call, from the tables: by the pure arithmetic of the package `schedules`."""
