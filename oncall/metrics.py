"""What a process counts of its own work, for `/metrics`. What is so in the database is asked of it: `oncall.pulse`.

Nothing here names a person, an address or a key: whoever may look at a graph may not look at those.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
QUICK = (0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Seconds: from what is aimed at (15 ms from event to provider) to what must not be."""
SLOW = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900)

ProcessCollector(registry=REGISTRY)

EVENTS = Counter(
    "oncall_events",
    "Requests with events, by sending tool: accepted (committed), refused (wrong), limited (too many), unavailable "
    "(told to come again).",
    ["tool", "outcome"],
    registry=REGISTRY,
)
UNKNOWN_KEYS = Counter(
    "oncall_events_unknown_key",
    "Requests with events whose integration key is not known, or was revoked, by the tool of their address.",
    ["tool"],
    registry=REGISTRY,
)
CONNECTIONS_CUT = Counter(
    "oncall_http_connections_cut",
    "HTTP connections that were ended: the request was late, the answer stayed unread, or it was crowded.",
    ["why"],
    registry=REGISTRY,
)
COMMIT_SIZE = Histogram(
    "oncall_ingest_commit_requests",
    "Requests with events that shared one commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=REGISTRY,
)
ALERTS = Counter("oncall_alerts_opened", "Alerts opened.", ["urgency"], registry=REGISTRY)
PAGES = Counter(
    "oncall_pages", "Pages: decisions to notify one person about one alert.", ["urgency"], registry=REGISTRY
)
DELIVERIES = Counter(
    "oncall_deliveries",
    "Deliveries of pages, notices, codes and canaries that were sent, delivered, failed, or put off for another try.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
RETURNED = Counter(
    "oncall_mails_returned",
    "Mails that came to the return address of a mail of ours: reports that it failed, is late (sent) or was delivered, "
    "other mails (out-of-office notes), and what can't be read.",
    ["outcome"],
    registry=REGISTRY,
)
EVENT_TO_REQUEST = Histogram(
    "oncall_event_to_request_seconds",
    "From an event that opened an alert to the request at the provider, for pages that were to go at once.",
    ["kind"],
    buckets=QUICK,
    registry=REGISTRY,
)
LATENESS = Histogram(
    "oncall_delivery_lateness_seconds",
    "From when a delivery was due to its first request at the provider.",
    ["kind"],
    buckets=QUICK,
    registry=REGISTRY,
)
REQUEST = Histogram(
    "oncall_provider_request_seconds",
    "How long a provider took to answer, or we to give up waiting.",
    ["kind", "outcome"],
    buckets=QUICK,
    registry=REGISTRY,
)
RECEIPT = Histogram(
    "oncall_receipt_seconds",
    "From a provider's having a message to its saying that it was delivered.",
    ["kind"],
    buckets=SLOW,
    registry=REGISTRY,
)
PASS = Histogram("oncall_engine_pass_seconds", "How long an engine's pass took.", buckets=QUICK, registry=REGISTRY)
