"""Clocks that are set, and one clock for all processes on one database."""

from datetime import UTC, datetime, timedelta

from oncall.clock import ClockWatch, system_clock
from oncall.db.database import Database
from oncall.process.shared_clock import clock_of
from oncall.settings import Settings

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class Machine:
    """Its wall clock, and the seconds since it began."""

    def __init__(self) -> None:
        self.now, self.seconds = START, 1000.0
        self.stands_still_for = 0.0

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds

    def clock(self) -> datetime:
        now, still = self.now, self.stands_still_for
        self.stands_still_for = 0.0
        self.pass_(still)
        return now


def test_time_that_passes_is_no_setting_of_the_clock() -> None:
    machine = Machine()
    watch = ClockWatch(machine.clock, lambda: machine.seconds)
    machine.pass_(7200)
    assert watch.moved() == timedelta()


def test_a_clock_that_is_set_is_noticed_until_it_is_followed() -> None:
    machine = Machine()
    watch = ClockWatch(machine.clock, lambda: machine.seconds)
    machine.now -= timedelta(hours=1)
    machine.pass_(5)
    assert watch.moved() == watch.moved() == -timedelta(hours=1)
    watch.follow()
    assert watch.moved() == timedelta()


def test_a_process_that_stands_still_between_two_looks_sees_no_setting() -> None:
    machine = Machine()
    watch = ClockWatch(machine.clock, lambda: machine.seconds)
    machine.stands_still_for = 120.0
    assert watch.moved() == timedelta()


def test_processes_on_postgresql_go_by_its_clock_and_on_by_it_while_it_is_away(postgres_settings: Settings) -> None:
    database = Database(postgres_settings)
    clock = clock_of(database)
    database.close()
    assert clock is not system_clock
    assert abs(clock() - system_clock()) < timedelta(seconds=5)
    assert clock() < clock()
    assert clock().tzinfo is UTC


def test_on_sqlite_the_machines_clock_is_the_clock(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    assert clock_of(database) is system_clock
    database.close()
