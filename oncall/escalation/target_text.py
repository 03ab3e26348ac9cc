"""Pure: targets as text: `user:alice`, `schedule:dev/L1`, `schedule:dev`, `team:dev`.

`team:dev/#warroom` is no person but an address of the team's own.
"""

from dataclasses import dataclass

KINDS = ("user", "schedule", "team")


@dataclass(frozen=True, slots=True)
class Target:
    kind: str
    name: str
    part: str | None = None
    """The level of a schedule, the contact method of a team."""

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Raises ValueError with a sentence that says how targets are written."""
        kind, _, rest = text.partition(":")
        name, _, part = rest.partition("/") if kind != "user" else (rest, "", "")
        if kind not in KINDS or not name:
            raise ValueError(f"“{text}” is no target: write user:HANDLE, schedule:NAME/LEVEL or team:NAME")
        return cls(kind, name, part or None)

    def __str__(self) -> str:
        """In words, as a policy's page and the log of changes have it."""
        match self.kind, self.part:
            case "schedule", None:
                return f"everybody on call for {self.name}"
            case "schedule", level:
                return f"whoever is {level} on {self.name}"
            case "team", None:
                return f"everybody in team {self.name}"
            case "team", address:
                return f"{address} of team {self.name}"
        return self.name
