"""What one process has compiled of a template the next one need not."""

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from web.compiled import CompiledTemplates

PAGE = {"page.html": "<p>{{ name }}</p>"}


class Knowing(Environment):
    """Knows only what was compiled before."""

    def _generate(self, *_: object, **__: object) -> str:
        raise AssertionError("it is compiled again")


def show(environment: Environment) -> str:
    return environment.get_template("page.html").render(name="Alice")


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = CompiledTemplates(tmp_path)

    assert show(Environment(loader=DictLoader(PAGE), bytecode_cache=kept)) == "<p>Alice</p>"
    assert show(Knowing(loader=DictLoader(PAGE), bytecode_cache=kept)) == "<p>Alice</p>"

    changed = {"page.html": "<b>{{ name }}</b>"}
    assert show(Environment(loader=DictLoader(changed), bytecode_cache=kept)) == "<b>Alice</b>"


@pytest.mark.parametrize(("unwanted", "folder"), [(True, ""), (False, "missing")])
def test_where_nothing_may_be_written_nothing_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unwanted: bool, folder: str
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", unwanted)

    assert show(Environment(loader=DictLoader(PAGE), bytecode_cache=CompiledTemplates(tmp_path / folder))) == (
        "<p>Alice</p>"
    )
    assert not list(tmp_path.iterdir())
