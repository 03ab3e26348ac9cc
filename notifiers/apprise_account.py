"""How the services of Apprise are used: what everybody may know without loading the library."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AppriseAccount:
    may_be_private: bool = False
    """Whether services may be in a private network."""
    timeout_seconds: float = 10.0
