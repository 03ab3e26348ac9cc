"""Which of Apprise's services may be used, and where their messages go.

Apprise knows nearly two hundred. Those named here do nothing but post over HTTP. Not here are those that show messages
on this machine or write to its log (dbus, glib, gnome, macosx, windows, syslog, blink1), that read its files (vapid,
fcm, and others when told so by `template=`), that speak other protocols, past the guard (mailto, irc, mqtt, xmpp,
rsyslog, smpp, amqp, growl), and whatever nobody has looked at.
"""

from dataclasses import dataclass
from typing import Any

from apprise import Apprise, AppriseAsset
from apprise.plugins import NotifyBase, url_to_dict

from notifiers.public_http import PrivateAddress, addresses_of, is_public

_AT_ONE_PLACE = """
bulksms bulkvs chanify clickatell clicksend d7sms dingtalk discord feishu firehydrant flock gchat guilded ifttt ilert
incidentio join lark line msgbird nexmo notifiarr onesignal opsgenie pagerduty pagertree pbul plivo pover prowl psafer
psafers push pushed pushme pushplus pushy revolt ryver schan seven signl4 simplepush sinch slack spike splunk spush
squadcast tgram threema twilio viber victorops voipms vonage webex wecombot wxpusher wxteams zoom
"""
_AT_A_HOST = """
apprise apprises bark barks form forms gotify gotifys hassio hassios json jsons mastodon mastodons matrix matrixs
misskey misskeys mmost mmosts nctalk nctalks ntfy ntfys pushdeer pushdeers rocket rockets signal signals synology
synologys toot toots workflow workflows xml xmls
"""
AT_ONE_PLACE = frozenset(_AT_ONE_PLACE.split())
"""Services whose address is the vendor's."""
AT_A_HOST = frozenset(_AT_A_HOST.split())
"""Services that people run themselves: the address names the host."""
NTFY = ("ntfy", "ntfys")
"""The vendor's without a host."""
READS_FILES = frozenset({"template", "attach", "filename", "keyfile", "subfile"})
"""Parameters that name files of this machine, or may."""
FORM = "write one like ntfy://topic or tgram://TOKEN/CHAT, as Apprise describes them"


def _asset(seconds: float) -> AppriseAsset:
    """Nothing is kept on disk, read from it, redirected, or waited for longer than `seconds`."""
    return AppriseAsset(
        app_id="oncall",
        app_desc="On-call pages",
        app_url="",
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        service_timeout=seconds,
    )


@dataclass(frozen=True)
class Service:
    plugin: NotifyBase
    host: str
    """Where it is; empty for one whose address is the vendor's."""
    port: int

    def check_is_public(self) -> None:
        """Raises PrivateAddress, or OSError when the host is not known."""
        if self.host and not all(is_public(address) for address in addresses_of(self.host, self.port)):
            raise PrivateAddress


def service_at(url: str, seconds: float = 10.0) -> Service:
    """Waits no longer than `seconds` for an answer. Raises ValueError with the end of a sentence about the address."""
    parts = _parts(url)
    schema = parts["schema"]
    if schema not in AT_ONE_PLACE | AT_A_HOST:
        raise ValueError(f"can't be used: {schema}:// is none of the services that are taken here")
    if refused := READS_FILES & parts.get("qsd", {}).keys():
        raise ValueError(f"can't be used: take out {', '.join(sorted(refused))}=, which reads files")
    if "discovery" in parts:
        parts["discovery"] = False  # the host would name another one, which nobody looks at
    plugin = _plugin(parts, seconds)
    plugin.redirects = False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = seconds
    is_vendors = schema in AT_ONE_PLACE or (schema in NTFY and getattr(plugin, "mode", "") == "cloud")
    return Service(plugin, "" if is_vendors else plugin.host.strip("[]"), plugin.port or 443)


def _parts(url: str) -> dict[str, Any]:
    """The library's own parsers stumble over some addresses, each in its own way."""
    try:
        parts: dict[str, Any] | None = url_to_dict(url, secure_logging=True)  # type: ignore[no-untyped-call]
    except Exception:
        parts = None
    if parts is None:
        raise ValueError(f"is no Apprise address: {FORM}")
    return parts


def _plugin(parts: dict[str, Any], seconds: float) -> NotifyBase:
    try:
        plugin = Apprise.instantiate(parts, asset=_asset(seconds))
    except Exception:  # of a service that stumbles, as above
        plugin = None
    if plugin is None:
        raise ValueError(f"is not whole: {parts['schema']}:// takes more than that; {FORM}")
    return plugin
