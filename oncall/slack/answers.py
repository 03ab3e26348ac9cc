"""What a button and `/oncall` do. The same for what Slack posts to us and for what Socket Mode brings."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from notifiers.base import TOLD
from notifiers.replies import begun_reply, parse_reply
from notifiers.slack_callback import Command, Press
from notifiers.slack_words import escaped
from oncall.delivery.replies import DO, answer_button, answer_text, person_at
from oncall.models import Schedule
from oncall.rota.coverage import OnCall, on_call_for
from oncall.rota.when import moment

KIND = "slack"
HELP = (
    "“/oncall” says who is on call, “/oncall SCHEDULE” for one schedule. "
    "“/oncall ack 12”, “resolve 12” and “escalate 12” answer alert 12; “/oncall ack all” all of yours."
)
MOST_SCHEDULES = 40
"""Shown at once: a Slack message holds so much."""


def press(session: Session, pressed: Press, now: datetime) -> str:
    """Act for the person whose verified Slack id it is, once; the sentence to show to that member alone."""
    if told := re.fullmatch(rf"{TOLD}(\d{{1,18}})", pressed.alert):
        message_id = _message_id(pressed.press_id)
        return escaped(answer_button(session, KIND, pressed.member, int(told[1]), pressed.action, message_id, now))
    text = f"{pressed.action} {pressed.alert}"
    return escaped(answer_text(session, KIND, pressed.member, text, _message_id(pressed.press_id), now))


def command(session: Session, typed: Command, now: datetime) -> str:
    """The answer for that member alone."""
    words = " ".join(typed.text.split())
    reply = parse_reply(words)
    is_answer = reply is not None and reply.action in DO
    if is_answer or (begun_reply(words) and not _is_schedule(session, words)):
        return escaped(answer_text(session, KIND, typed.member, words, _message_id(typed.command_id), now))
    if reply is not None and reply.action == "help":
        return HELP
    reader = person_at(session, KIND, typed.member)
    return escaped(_who(session, words, ZoneInfo(reader.timezone if reader else "UTC"), now))


def _message_id(slack_id: str) -> str:
    return f"slack:{slack_id}"[:120]


def _who(session: Session, name: str, zone: ZoneInfo, now: datetime) -> str:
    """Who is on call for the schedule of that name, or for all, on the clock of whoever asks."""
    names = session.exec(select(Schedule.name).order_by(col(Schedule.name))).all()
    wanted = [each for each in names if not name or _is_called(each, name)]
    if not names:
        return "There is no schedule yet."
    if not wanted:
        return f"There is no schedule “{name[:100]}”. There are: {', '.join(names[:MOST_SCHEDULES])}. {HELP}"
    lines = [_line(session, each, zone, now) for each in wanted[:MOST_SCHEDULES]]
    more = len(wanted) - len(lines)
    return "\n".join([*lines, f"and {more} more: name the one you want."] if more else lines)


def _is_called(schedule: str, name: str) -> bool:
    return schedule.casefold() == name.casefold()


def _is_schedule(session: Session, name: str) -> bool:
    return any(_is_called(each, name) for each in session.exec(select(Schedule.name)))


def _line(session: Session, schedule: str, zone: ZoneInfo, now: datetime) -> str:
    levels = on_call_for(session, schedule, now) or {}
    return f"{schedule}: " + "; ".join(f"{level} {_names(people, zone)}" for level, people in levels.items())


def _names(people: list[OnCall], zone: ZoneInfo) -> str:
    return " and ".join(f"{one.name} until {moment(one.end, zone)}" for one in people) or "nobody"
