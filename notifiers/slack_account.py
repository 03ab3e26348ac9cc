"""A Slack workspace as the settings name it. Its client takes 3 MB, and is loaded with its first use."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SlackAccount:
    """How to reach a Slack workspace, or a server like it."""

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    """For Socket Mode; empty: Slack posts to us."""
    can_answer: bool = True
    """Whether buttons reach us, by signed callback or by Socket Mode."""
    base_url: str = "https://slack.com/api"
    timeout_seconds: float = 10.0
