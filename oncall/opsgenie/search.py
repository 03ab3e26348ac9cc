"""Opsgenie's search queries (https://support.atlassian.com/opsgenie/docs/search-queries-for-alerts/) as SQL.

`status: open AND priority: (P1 OR P2) AND NOT tag: test`, `createdAt > 1470394841148`, or bare words, which are looked
for in what the alert says.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from oncall.opsgenie.search_fields import COMPARE, EQUAL, FIELDS, Clause, anywhere, bad_query

LONGEST, DEEPEST = 1000, 40
MOST_WORDS = 60
"""And signs and brackets. SQL is put together for milliseconds for each, and any key may ask many times a second."""
WORDS_OF_ITS_OWN = ("AND", "and", "OR", "or", "(", ")")
_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(<=|>=|!=|[:<>=()])|([^\s:<>=!()"]+|!))')


def filter_of(query: str) -> Clause:
    """Everything, for an empty one. Raises BadFields with a sentence about `query`."""
    if len(query) > LONGEST:
        raise bad_query(f"must have {LONGEST} characters at most")
    tokens = _tokens(query)
    if len(tokens) > MOST_WORDS:
        raise bad_query(f"must have {MOST_WORDS} words, signs and brackets at most")
    if not tokens:
        return sa.true()
    parser = _Parser(tokens)
    clause = parser.either(0)
    if parser.peek() is not None:
        raise bad_query(f"can't be read from “{parser.take().text}” on")
    return clause


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_quoted: bool = False

    def says(self, *words: str) -> bool:
        return not self.is_quoted and self.text in words


def _tokens(query: str) -> list[_Token]:
    found, at, text = [], 0, query.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise bad_query(f"can't be read from “{text[at:].strip()[:40]}” on: is a quotation mark missing?")
        quoted, sign, word = match.groups()
        found.append(_Token(re.sub(r"\\(.)", r"\1", quoted), True) if quoted is not None else _Token(sign or word))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    def peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self) -> _Token:
        token = self.peek()
        if token is None:
            raise bad_query("ends too early")
        self._at += 1
        return token

    def _takes(self, *words: str) -> bool:
        token = self.peek()
        if token is None or not token.says(*words):
            return False
        self._at += 1
        return True

    def either(self, depth: int) -> Clause:
        if depth > DEEPEST:
            raise bad_query("is nested too deeply")
        clauses = [self._all(depth)]
        while self._takes("OR", "or"):
            clauses.append(self._all(depth))
        return sa.or_(*clauses)

    def _all(self, depth: int) -> Clause:
        clauses = [self._one(depth)]
        while (token := self.peek()) is not None and not token.says("OR", "or", ")"):
            self._takes("AND", "and")
            clauses.append(self._one(depth))
        return sa.and_(*clauses)

    def _one(self, depth: int) -> Clause:
        if self._takes("NOT", "not", "!"):
            if depth > DEEPEST:
                raise bad_query("is nested too deeply")
            return sa.not_(self._one(depth + 1))
        if self._takes("("):
            clause = self.either(depth + 1)
            self._close()
            return clause
        return self._term()

    def _term(self) -> Clause:
        token, sign = self.take(), self.peek()
        if token.says(*WORDS_OF_ITS_OWN, *EQUAL, *COMPARE):
            raise bad_query(f"can't be read from “{token.text}” on")
        if token.is_quoted or sign is None or not sign.says(*EQUAL, *COMPARE):
            return anywhere(token.text)
        self.take()
        field = FIELDS.get(token.text.lower())
        if field is None:
            raise bad_query(f"has a field “{token.text}” that is not known here: known are {', '.join(FIELDS)}")
        return self._values(lambda value: field(sign.text, value))

    def _values(self, clause_of: Callable[[str], Clause]) -> Clause:
        """One value, or `(a OR b)`, `(a AND b)`."""
        if not self._takes("("):
            return clause_of(self.take().text)
        clauses, is_all = [clause_of(self.take().text)], False
        while not self._takes(")"):
            if self._takes("AND", "and"):
                is_all = True
            else:
                self._takes("OR", "or")
            clauses.append(clause_of(self.take().text))
        return sa.and_(*clauses) if is_all else sa.or_(*clauses)

    def _close(self) -> None:
        if not self._takes(")"):
            raise bad_query("has a bracket that is not closed")
