"""A rule is said as people say it, and as it is written where there are no words for it."""

import pytest

from schedules.recurrence import read_rule
from schedules.recurrence_words import in_words


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("daily", "every day"),
        ("weekdays", "every week on Mon, Tue, Wed, Thu, Fri"),
        ("weekly", "every week"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "every 2 weeks on Sun"),
        ("FREQ=MONTHLY;BYDAY=1SU,-1FR", "every month on first Sun, last Fri"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=12", "every month on day 1, the last day, 12 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "every month on day 3 from the last"),
        ("FREQ=YEARLY;UNTIL=20271231T000000", "every year, until 2027-12-31"),
        ("FREQ=MONTHLY;BYDAY=SU;BYSETPOS=2", "by the rule FREQ=MONTHLY;BYDAY=SU;BYSETPOS=2"),
        ("FREQ=YEARLY;BYDAY=20MO", "by the rule FREQ=YEARLY;BYDAY=20MO"),
    ],
)
def test_a_rule_is_said_in_words(rule: str, said: str) -> None:
    assert in_words(read_rule(rule)) == said
