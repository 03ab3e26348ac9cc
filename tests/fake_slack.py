"""A real HTTP server that speaks the used part of Slack's Web API and Socket Mode, and plays the members behind it.

Answers and errors as https://docs.slack.dev/reference/methods has them: 200 with `ok: false`, 429 with Retry-After.
"""

import base64
import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from notifiers.slack_callback import signature_of

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-test", "xapp-test", "slack-signing-secret"
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Post = Callable[[str, bytes, dict[str, str]], tuple[int, str]]
"""Posts a raw form to one of the service's paths with headers: status and body of the answer."""


@dataclass
class Posted:
    """A message as it stands in Slack."""

    channel: str
    to: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    changes: int = 0

    @property
    def said(self) -> str:
        """What its section shows."""
        text: str = self.blocks[0]["text"]["text"]
        return text

    @property
    def buttons(self) -> list[str]:
        return [each["action_id"] for block in self.blocks if block["type"] == "actions" for each in block["elements"]]


class Refused(Exception):
    def __init__(self, code: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.headers = code, status, headers or {}


@dataclass
class FakeSlack:
    """Members U…, channels C…; who is in neither is not found. Use as a context manager, or `close` it."""

    members: set[str] = field(default_factory=lambda: {"U00ALICE", "U000BOB0", "U0CAROL0"})
    channels: set[str] = field(default_factory=lambda: {"C0WARROOM"})
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    post: Post | None = None

    def __post_init__(self) -> None:
        self.messages: list[Posted] = []
        self.usergroups: dict[str, list[str]] = {"S00ONCALL": []}
        self.calls: list[str] = []
        self.told: list[dict[str, Any]] = []
        """What was posted to a response_url."""
        self.sockets: list[socket.socket] = []
        self.connected = threading.Event()
        self._acks: dict[str, dict[str, Any]] = {}
        self._acked = threading.Condition()
        self._faults: list[Refused] = []
        self._lost_replies = 0
        self._ids = count(1)
        self._taken = 0
        self._lock = threading.Lock()
        slack = self

        class Handler(_Handler):
            fake = slack

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    # What goes wrong

    def refuse_next(self, code: str, status: int = 200, *, times: int = 1, retry_after: int = 0) -> None:
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        self._faults += [Refused(code, status, headers)] * times

    def lose_next_reply(self) -> None:
        """The next message is taken, and the connection breaks before the answer."""
        self._lost_replies += 1

    # What members do

    def take(self) -> list[Posted]:
        """The messages that came since the last look."""
        new = self.messages[self._taken :]
        self._taken = len(self.messages)
        return new

    def press(self, member: str, message: Posted, action: str, trigger: str = "", **how: Any) -> int:
        """The status of what the service answered."""
        payload = self.press_payload(member, message, action, trigger)
        return self.deliver("/callbacks/slack/interactions", {"payload": json.dumps(payload)}, **how)[0]

    def press_payload(self, member: str, message: Posted, action: str, trigger: str = "") -> dict[str, Any]:
        elements = next(block["elements"] for block in message.blocks if block["type"] == "actions")
        button = next(each for each in elements if each["action_id"] == action)
        return {
            "type": "block_actions",
            "user": {"id": member, "username": member.lower(), "team_id": "T1"},
            "trigger_id": trigger or f"{next(self._ids)}.2.3",
            "response_url": f"{self.origin}/actions/{member}",
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
            "actions": [{"type": "button", "action_id": action, "value": button["value"], "action_ts": "1.1"}],
        }

    def command(self, member: str, text: str, trigger: str = "", **how: Any) -> str:
        form = {"command": "/oncall", "text": text, "user_id": member, "trigger_id": trigger or f"{next(self._ids)}.9"}
        status, body = self.deliver("/callbacks/slack/commands", form, **how)
        assert status == 200, body
        answer = json.loads(body)
        assert answer["response_type"] == "ephemeral"
        said: str = answer["text"]
        return said

    def deliver(self, path: str, form: dict[str, str], secret: str = SIGNING_SECRET, age: int = 0) -> tuple[int, str]:
        """Posted as Slack does it, signed, and `age` seconds late."""
        assert self.post is not None
        body = urlencode(form).encode()
        timestamp = str(int(self.now().timestamp()) - age)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature_of(secret, timestamp, body),
        }
        return self.post(path, body, headers)

    def over_socket(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Handed over by Socket Mode; the acknowledgement that comes back."""
        envelope = f"envelope-{next(self._ids)}"
        message = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        self.sockets[-1].sendall(_frame(json.dumps(message).encode()))
        with self._acked:
            assert self._acked.wait_for(lambda: envelope in self._acks, timeout=10), "never acknowledged"
            return self._acks[envelope]

    # What the API does

    def call(self, method: str, token: str, args: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(method)
        if self._faults:
            raise self._faults.pop(0)
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            raise Refused("invalid_auth")
        methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "usergroups.users.update": self._set_group,
            "apps.connections.open": lambda _: {"url": f"ws{self.origin.removeprefix('http')}/link?ticket=1"},
        }
        if method not in methods:
            raise Refused("unknown_method")
        with self._lock:
            return {"ok": True, **methods[method](args)}

    def _channel(self, address: str) -> str:
        if address in self.members:
            return f"D{address[1:]}"
        if address in self.channels or address in {f"D{each[1:]}" for each in self.members}:
            return address
        raise Refused("channel_not_found")

    def _post_message(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args["channel"])
        if not args.get("text"):
            raise Refused("no_text")
        ts = f"{int(self.now().timestamp())}.{next(self._ids):06d}"
        posted = Posted(channel, args["channel"], ts, args["text"], _blocks(args), args.get("metadata"))
        self.messages.append(posted)
        if self._lost_replies:
            self._lost_replies -= 1
            raise ConnectionAbortedError
        return {"channel": channel, "ts": ts}

    def _update(self, args: dict[str, Any]) -> dict[str, Any]:
        for each in self.messages:
            if (each.channel, each.ts) == (args["channel"], args["ts"]):
                each.text, each.blocks, each.changes = args["text"], _blocks(args), each.changes + 1
                return {"channel": each.channel, "ts": each.ts}
        raise Refused("message_not_found")

    def _open(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["users"] not in self.members:
            raise Refused("user_not_found")
        return {"channel": {"id": self._channel(args["users"])}}

    def _history(self, args: dict[str, Any]) -> dict[str, Any]:
        found = [each for each in reversed(self.messages) if each.channel == args["channel"]]
        found = [each for each in found if float(each.ts) > float(args.get("oldest", 0))]
        shown = [{"type": "message", "ts": each.ts, "text": each.text, "metadata": each.metadata} for each in found]
        return {"messages": shown[: int(args.get("limit", 100))], "has_more": False}

    def _set_group(self, args: dict[str, Any]) -> dict[str, Any]:
        group, users = args["usergroup"], [each.strip() for each in args["users"].split(",") if each.strip()]
        if group not in self.usergroups:
            raise Refused("no_such_subteam")
        if not users:
            raise Refused("no_users_provided")
        if not set(users) <= self.members:
            raise Refused("invalid_users")
        self.usergroups[group] = users
        return {"usergroup": {"id": group, "users": users}}

    def acknowledge(self, message: dict[str, Any]) -> None:
        with self._acked:
            self._acks[message["envelope_id"]] = message
            self._acked.notify_all()


def _blocks(args: dict[str, Any]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = args.get("blocks") or []
    for block in blocks:
        if block["type"] == "section" and not 0 < len(block["text"]["text"]) <= 3000:
            raise Refused("invalid_blocks")
        if block["type"] == "actions" and not 0 < len(block["elements"]) <= 25:
            raise Refused("invalid_blocks")
    return blocks


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeSlack

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/actions/"):
            self.fake.told.append({"member": self.path.rpartition("/")[2], **json.loads(raw)})
            return self._answer(200, {"ok": True})
        try:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._answer(200, self.fake.call(self.path.removeprefix("/api/"), token, self._args(raw)))
        except Refused as refused:
            self._answer(refused.status, {"ok": False, "error": refused.code}, refused.headers)
        except ConnectionAbortedError:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def _args(self, raw: bytes) -> dict[str, Any]:
        if self.headers.get_content_type() == "application/json":
            args: dict[str, Any] = json.loads(raw or b"{}")
            return args
        return {name: values[0] for name, values in parse_qs(raw.decode()).items()}

    def do_GET(self) -> None:
        """The handshake of a WebSocket (RFC 6455); then what the client sends is read until it goes."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(sha1(key + WEBSOCKET_GUID).digest()).decode())
        self.end_headers()
        self.close_connection = True
        self.fake.sockets.append(self.connection)
        self.connection.sendall(_frame(b'{"type": "hello"}'))
        self.fake.connected.set()
        with suppress(OSError, struct.error):
            while (read := self._read_frame()) is not None:
                opcode, payload = read
                if opcode == 1:
                    self.fake.acknowledge(json.loads(payload))
                elif opcode == 9:
                    self.connection.sendall(_frame(payload, opcode=10))

    def _read_frame(self) -> tuple[int, bytes] | None:
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 0x0F == 8:
            return None
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack(">H", self.rfile.read(2))[0]
        mask = self.rfile.read(4)
        data = self.rfile.read(length)
        return head[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


def _frame(payload: bytes, opcode: int = 1) -> bytes:
    size = struct.pack(">B", len(payload)) if len(payload) < 126 else struct.pack(">BH", 126, len(payload))
    return bytes([0x80 | opcode]) + size + payload
