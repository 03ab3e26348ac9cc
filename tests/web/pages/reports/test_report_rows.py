"""The table of a report."""

from oncall.reports.sheet import Line, Picture, Sheet, Unit
from web.pages.reports.report_rows import report_rows


def drawn(*lines: Line, unit: Unit = Unit.COUNT) -> str:
    return str(report_rows(Sheet("Rule", ("Alerts", "Late"), lines, unit, Picture.BARS, "")))


def test_a_figure_is_written_for_people_and_as_it_is_for_the_picture() -> None:
    row = drawn(Line("Mon 2 Mar", (2000, 125)), unit=Unit.SECONDS)

    assert '<th scope="row">Mon 2 Mar</th><td data-label="Alerts"><data value="2000">33 min</data></td>' in row
    assert '<td data-label="Late"><data value="125">2 min 5 s</data></td>' in row


def test_what_could_not_be_counted_is_no_figure() -> None:
    row = drawn(Line("Mon 2 Mar", (0, None)))

    assert '<data value="0">0</data>' in row
    assert 'title="Nothing to count">–</span></td>' in row
    assert row.count("<data") == 1


def test_what_people_have_written_is_text_and_nothing_else() -> None:
    row = drawn(Line("<b>disk</b> is full", (1, 1), '/alerts?q=<b>"'))

    assert "&lt;b&gt;disk&lt;/b&gt; is full</a></th>" in row
    assert '<a href="/alerts?q=&lt;b&gt;&#34;">' in row
    assert "<b>" not in row
