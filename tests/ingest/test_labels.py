"""What of a tool's fields becomes labels, and how large they may be."""

from oncall.ingest.reading import LONGEST_LABEL, MOST_LABELS, labels_of


def test_texts_numbers_and_yes_or_no_are_labels_and_nothing_else_is() -> None:
    fields = {"cluster": "east", "shard": 7, "canary": True, "empty": " ", "none": None, "nested": {"a": 1}}

    assert labels_of(fields) == {"cluster": "east", "shard": "7", "canary": "true"}


def test_what_is_no_object_has_no_labels() -> None:
    assert labels_of(["cluster"]) == labels_of(None) == labels_of("cluster=east") == {}


def test_there_are_not_too_many_and_none_is_too_long() -> None:
    labels = labels_of({f"label-{number}": "x" * 1000 for number in range(200)})

    assert len(labels) == MOST_LABELS
    assert {len(text) for text in labels.values()} == {LONGEST_LABEL}
