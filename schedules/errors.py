"""What goes wrong with a schedule, said so that its author can mend it."""


class ScheduleError(ValueError):
    """A schedule, or a part of one, that can't be used. The message says what to write instead."""
