"""Every setting, read from the environment or `.env` with the prefix ONCALL_. An unsafe value refuses to start."""

from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from notifiers.mail_address import mail_sender
from notifiers.registry import kind_and_address
from notifiers.smtp_server import smtp_server
from notifiers.twilio_accounts import FORM, fallback_accounts
from notifiers.webhook_signature import secret_bytes
from oncall.errors import SetupError
from oncall.settings_checks import Port, check_fallbacks, check_irc, check_mail

LEAST_CANARY_SECONDS = 60
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class Settings(BaseSettings):
    """One field a setting; each says what it does, its unit and its default."""

    model_config = SettingsConfigDict(env_prefix="ONCALL_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///oncall.db",
        description="Where everything is kept: sqlite:///FILE for one process, "
        "postgresql://USER:PASSWORD@HOST/NAME for any number of them.",
    )
    public_url: str = Field(
        "",
        description="Address at which the outside reaches this service, such as https://oncall.example.com. "
        "Needed for provider callbacks (delivery receipts, replies, keypad) and for links in messages.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions, calendar links and acknowledge links; 32 characters or more. "
        "Left empty, one is made at the first start and kept in the database.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for all.")
    port: Port = Field(8000, ge=1, le=65535, description="TCP port to listen on.")
    http_connections: int = Field(
        4_000,
        ge=10,
        description="HTTP connections that one process holds at once, fewer where the system lets it open fewer files. "
        "Beyond it, the one that has kept us waiting longest is ended.",
    )
    http_patience: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="Seconds in which a request must have arrived whole, else its sender gets 408; and in which "
        "somebody who is sent an answer must read on.",
    )
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL, in capitals or not.")
    demo: bool = Field(
        False,
        description="Demo mode: texts and calls go to the page Phone, not to a provider. Never in production.",
    )

    twilio_account_sid: str = Field("", description="Twilio account, AC…; SMS and voice are off without it.")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio's token; also checks callback signatures.")
    twilio_from: str = Field("", description="Number that texts and calls come from, in E.164 (+12025550100).")
    twilio_base_url: str = Field("https://api.twilio.com", description="Twilio, or any server that speaks its API.")

    twilio_fallbacks: SecretStr = Field(
        SecretStr(""),
        description="Further accounts, at Twilio or servers like it, used in order while those before them fail: "
        f"a JSON list, {FORM}.",
    )

    irc_server: str = Field("", description="IRC server, as irc.example.com:6697; IRC is off without it.")
    irc_tls: bool = Field(True, description="Whether the IRC server is spoken to over TLS, its certificate checked.")
    irc_nick: str = Field("oncall", description="Our bot's nick, also the name of its account at the IRC services.")
    irc_channel: str = Field("#warroom", description="Channel in which people are paged by name and give commands.")
    irc_password: SecretStr = Field(
        SecretStr(""), description="Of our nick's account: for SASL where the server offers it, else for NickServ."
    )
    irc_server_password: SecretStr = Field(SecretStr(""), description="Of the IRC server itself (PASS), if it has one.")
    irc_identified_only: bool = Field(
        True,
        description="A nick counts, for pages and for commands, only while the network's services say that its owner "
        "is logged in. Switch it off only where nobody can take another's nick: there, a nick is all that is asked.",
    )
    irc_topic: str = Field(
        "",
        description="Schedules that the channel's topic tells: their names with commas, or * for all. What people "
        "write behind || stays. Left empty, the topic is not touched.",
    )
    irc_line_seconds: float = Field(
        2.0, ge=0, description="Seconds a line on IRC, after a burst of 5; 0 on a server of your own without a limit."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server that emails are handed to: smtp://USER:PASSWORD@HOST:587 (STARTTLS) or "
        "smtps://USER:PASSWORD@HOST:465, without USER:PASSWORD@ where none is asked for; email is off without it.",
    )
    email_from: str = Field("", description="Sender of emails: oncall@example.com, or oncall <oncall@example.com>.")
    smtp_insecure: bool = Field(
        False,
        description="Lets emails, and the password in smtp_url, go over the network without TLS or to a server whose "
        "certificate can't be verified. Only on a network that you trust; not needed for a server on this machine.",
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs webhooks: whsec_ and 24 to 64 random bytes in base64. Left empty, one that follows from "
        "secret_key; `oncall webhook-secret` shows which.",
    )

    slack_bot_token: SecretStr = Field(SecretStr(""), description="Slack app's bot token, xoxb-…; no Slack without it.")
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="Slack app's signing secret; checks that buttons and commands come from Slack."
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""),
        description="Slack app-level token, xapp-…, for Socket Mode: engines fetch buttons and commands from Slack, so "
        "that none need reach us. In place of slack_signing_secret, or beside it.",
    )
    slack_base_url: str = Field("https://slack.com/api", description="Slack's Web API, or a server that speaks it.")

    ingest_max_bytes: int = Field(
        524_288, ge=1024, description="Bytes of an event's body; a larger one gets 413. A group of alerts: 4 times."
    )
    ingest_queue: int = Field(
        5_000,
        ge=1,
        description="Requests with events that may wait for their commit at once; beyond it senders get 503. One key "
        "fills half of it at most.",
    )
    ingest_rate: float = Field(
        1_000.0,
        ge=0,
        description="Requests a second that an integration key may send to one process, on average over a minute: "
        "60,000 at once by default. Beyond it the sender gets 429. 0: no limit.",
    )
    ingest_kept: int = Field(
        20, ge=0, le=200, description="Last requests of each integration key that its page shows; 0 keeps none."
    )
    alerts_kept_days: int = Field(
        365,
        ge=0,
        description="Days after which a resolved alert is deleted, with its timeline, pages and deliveries (default a "
        "year). Who was paged when is kept for reports. 0 keeps all.",
    )
    change_seconds: float = Field(
        1800.0,
        ge=0,
        le=86_400,
        description="Seconds for which a change of a service, such as a deploy, is told with the alerts that follow, "
        "in pages and beside the alert (default 30 min); 0: not at all.",
    )
    smtp_listen: str = Field(
        "",
        description="Host and port, such as 0.0.0.0:25, at which mails to the addresses of integration keys are taken "
        "in, and emails of ours that come back; none are without it.",
    )
    email_domain: str = Field(
        "", description="Domain of these addresses, alerts.example.com: its MX record leads to smtp_listen."
    )
    smtp_max_bytes: int = Field(
        2_097_152, ge=10_240, description="Largest mail accepted, in bytes; larger ones get 552 (default 2 MiB)."
    )
    smtp_tls_certificate: str = Field(
        "",
        description="File with the certificate chain (PEM) with which smtp_listen offers STARTTLS; read at the start.",
    )
    smtp_tls_key: str = Field("", description="File with the private key (PEM) of smtp_tls_certificate.")
    send_threads: int = Field(
        64,
        ge=1,
        le=256,
        description="Deliveries sent at the same time by one process; those of one kind, such as texts, take half of "
        "them at most, so that a provider which hangs leaves room for other kinds.",
    )
    send_timeout: float = Field(10.0, gt=0, description="Seconds to wait for a provider's answer.")
    send_lease: float = Field(
        30.0,
        gt=0,
        description="Seconds that a process owns a delivery it is sending; after that another looks it up at the "
        "provider and resends it. Must be longer than send_timeout.",
    )
    send_give_up_after: float = Field(
        900.0, gt=0, description="Seconds of temporary failures after which a delivery has failed (default 15 min)."
    )
    hold_seconds: float = Field(
        60.0,
        ge=0,
        le=600,
        description="Longest time that pages to one address are held back while much goes there, to leave together as "
        "one message (default 1 min). A first page is never held. 0 sends each page by itself, at once.",
    )
    engine_tick: float = Field(
        1.0, gt=0, description="Seconds between safety-net passes of the engine; commits wake it at once anyway."
    )
    allow_private_addresses: bool = Field(
        False,
        description="Lets people's calendars, webhooks and Apprise services be at private, loopback and link-local "
        "addresses, and webhooks at http://. Only where everybody who can sign in may reach whatever this machine can.",
    )
    canary_to: str = Field(
        "",
        description="Addresses that get a message now and then, by each account, to find out whether each way of "
        "paging works, as sms:+12025550199,email:canary@example.com; nobody need answer.",
    )
    canary_every: float = Field(
        0.0, ge=0, description="Seconds between two canaries by an account to an address, 60 or more; 0: off."
    )
    canary_service: str = Field("", description="Name of the service on which a canary that fails raises an alert.")
    heartbeat_url: SecretStr = Field(
        SecretStr(""),
        description="Address at a watcher outside that is fetched while this installation can page: the database can "
        "be written, an engine is at work, nothing is overdue. Whoever misses it tells you. Left empty, none is.",
    )
    heartbeat_every: float = Field(60.0, ge=5, description="Seconds between two fetches of heartbeat_url.")
    heartbeat_overdue: float = Field(
        60.0, ge=1, description="Seconds that a delivery may be overdue until heartbeat_url is fetched no more."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="What Prometheus must send to read /metrics (Authorization: Bearer …). Left empty, whoever reaches "
        "it may read it: counts and times, no names, addresses or keys.",
    )
    engine_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="TCP port on which `oncall engine` answers /health/live, /health/ready and /metrics; 0 for none. "
        "`oncall serve` and `oncall web` answer them on their own port.",
    )
    session_hours: int = Field(24 * 14, ge=1, description="Hours a login lasts (default two weeks).")

    @field_validator("log_level", mode="before")
    @classmethod
    def _is_level(cls, value: object) -> str:
        level = str(value).strip().upper()
        if level not in get_args(LogLevel):
            raise ValueError(f"must be one of {', '.join(get_args(LogLevel))}")
        return level

    @field_validator("public_url", "twilio_base_url", "slack_base_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("heartbeat_url")
    @classmethod
    def _is_watcher(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            smtp_server(value.get_secret_value())
        return value

    @field_validator("twilio_fallbacks")
    @classmethod
    def _are_accounts(cls, value: SecretStr) -> SecretStr:
        fallback_accounts(value.get_secret_value())
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_webhook_secret(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            secret_bytes(value.get_secret_value())
        return value

    @field_validator("email_from")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        return value and mail_sender(value)

    @field_validator("canary_to")
    @classmethod
    def _is_addresses(cls, value: str) -> str:
        return ",".join(f"{kind}:{address}" for kind, address in _addresses(value))

    @field_validator("canary_every")
    @classmethod
    def _is_no_flood(cls, value: float) -> float:
        if 0 < value < LEAST_CANARY_SECONDS:
            raise ValueError(f"must be {LEAST_CANARY_SECONDS} or more, or 0 for none")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):
            value = "postgresql://" + value.removeprefix("postgres://")
        if value.startswith("postgresql://"):
            value = "postgresql+psycopg://" + value.removeprefix("postgresql://")
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if value.removeprefix("sqlite:///") in ("", ":memory:"):
            raise ValueError("must name a file, such as sqlite:///oncall.db")
        try:
            make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError("can't be read: write postgresql://USER:PASSWORD@HOST:PORT/NAME") from None
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        secret = self.secret_key.get_secret_value()
        if secret and len(secret) < 32:
            raise ValueError("secret_key must have 32 characters or more")
        longest_attempt = 2 * self.longest_request  # a look-up and a send
        if self.send_lease <= longest_attempt:
            raise ValueError(
                f"send_lease must be over {longest_attempt:g} with this send_timeout, or a page could go twice"
            )
        if self.twilio_account_sid and not (self.twilio_auth_token.get_secret_value() and self.twilio_from):
            raise ValueError("twilio_account_sid needs twilio_auth_token and twilio_from beside it")
        check_fallbacks(self)
        check_irc(self)
        check_mail(self)
        if self.has_email != bool(self.email_from):
            raise ValueError("smtp_url and email_from need each other: set both, or neither")
        if self.demo and self.twilio_account_sid:
            raise ValueError("demo can't be combined with twilio_account_sid: demo sends nothing to real phones")
        if self.canary_every and not (self.canary_to and self.canary_service):
            raise ValueError("canary_every needs canary_to and canary_service beside it")
        if problem := self._slack_problem():
            raise ValueError(problem)
        return self

    def _slack_problem(self) -> str:
        bot, app = self.slack_bot_token.get_secret_value(), self.slack_app_token.get_secret_value()
        if not bot and (app or self.slack_signing_secret.get_secret_value()):
            return "slack_signing_secret and slack_app_token need slack_bot_token beside them"
        if bot and not bot.startswith("xoxb-"):
            return "slack_bot_token must begin with xoxb-: it is the Bot User OAuth Token of your Slack app"
        if app and not app.startswith("xapp-"):
            return "slack_app_token must begin with xapp-: it is the app-level token with the scope connections:write"
        if bot and self.demo:
            return "demo can't be combined with slack_bot_token: demo sends nothing to real people"
        return ""

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_file(self) -> Path:
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def longest_request(self) -> float:
        """Seconds that a provider may take to be connected to and to answer."""
        return self.send_timeout + min(3.0, self.send_timeout)

    @property
    def has_email(self) -> bool:
        return bool(self.smtp_url.get_secret_value())

    @property
    def canaries(self) -> list[tuple[str, str]]:
        """Kind and address of each."""
        return _addresses(self.canary_to)

    @property
    def has_twilio(self) -> bool:
        return bool(self.twilio_account_sid)

    @property
    def has_slack(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def slack_can_answer(self) -> bool:
        """Whether buttons and commands reach us: posted to our address, or fetched by Socket Mode."""
        return bool(self.slack_app_token.get_secret_value() or self.slack_signing_secret.get_secret_value())


def _addresses(text: str) -> list[tuple[str, str]]:
    """Raises ValueError with a sentence."""
    return list(dict.fromkeys(kind_and_address(each.strip()) for each in text.split(",") if each.strip()))


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, `.env` and `overrides`. Raises SetupError that names each bad variable."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{_variable(e['loc'])}{e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise SetupError("Settings can't be used:\n  " + "\n  ".join(lines)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    return f"ONCALL_{str(location[0]).upper()}: " if location else ""
