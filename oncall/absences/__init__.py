"""When people can't be on call: typed in, or read from their calendars."""
