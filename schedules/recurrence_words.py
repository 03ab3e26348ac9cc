"""Rules of RFC 5545 as people say them: "every week on Sun"."""

import re

UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
DAYS = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
PLACES = {"": "", "+1": "first ", "1": "first ", "2": "second ", "3": "third ", "4": "fourth ", "-1": "last "}
BY_DAY = re.compile(r"([+-]?\d*)([A-Z]{2})")
SAID = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL"})


def in_words(rule: str) -> str:
    """Of a rule that `read_rule` has taken; the rule itself where it says more than there are words for."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    days = [BY_DAY.fullmatch(each) for each in parts.get("BYDAY", "").split(",") if each]
    if parts.get("FREQ") not in UNITS or parts.keys() - SAID or not all(day and day[1] in PLACES for day in days):
        return f"by the rule {rule}"
    on = [f"{PLACES[day[1]]}{DAYS[day[2]]}" for day in days if day]
    on += [_month_day(each) for each in parts.get("BYMONTHDAY", "").split(",") if each]
    return "".join([_often(parts), f" on {', '.join(on)}" if on else "", *_ends(parts)])


def _often(parts: dict[str, str]) -> str:
    unit, interval = UNITS[parts["FREQ"]], int(parts.get("INTERVAL", "1"))
    return f"every {unit}" if interval == 1 else f"every {interval} {unit}s"


def _month_day(text: str) -> str:
    return f"day {text}" if int(text) > 0 else "the last day" if text == "-1" else f"day {text[1:]} from the last"


def _ends(parts: dict[str, str]) -> list[str]:
    times, until = parts.get("COUNT"), parts.get("UNTIL", "")
    return [f", {times} times" if times else "", f", until {until[:4]}-{until[4:6]}-{until[6:8]}" if until else ""]
