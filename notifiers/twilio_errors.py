"""Twilio's error codes as failures. Source: https://www.twilio.com/docs/api/errors

Permanent is what will never work for this number or text. All else is temporary, our own settings included: a wrong
token says nothing about the person's phone, must not count against it, and the page goes out once it is mended.
"""

from notifiers.base import PermanentFailure, SendFailure, TemporaryFailure

PERMANENT = {
    13223: "the phone number is not valid",
    13224: "the phone number is not valid",
    21211: "the phone number is not valid",
    21214: "the phone number can't be called",
    21215: "calls to that country are not enabled in the Twilio account",
    21216: "the Twilio account may not call that number",
    21217: "the phone number is not valid",
    21219: "a Twilio trial account reaches only numbers verified there",
    21265: "the phone number can't take texts",
    21401: "the phone number is not valid",
    21408: "texts to that country are not enabled in the Twilio account",
    21602: "the text is empty",
    21604: "the phone number is missing",
    21608: "a Twilio trial account reaches only numbers verified there",
    21610: "the person replied STOP; texts work again after they send START",
    21612: "our Twilio number can't text that phone number",
    21614: "the phone number can't take texts; it may be a landline",
    21617: "the text is too long",
    30004: "the carrier or the person blocks our texts",
    30005: "the phone number is not in use",
    30006: "the phone number is a landline, or its carrier can't be reached",
    30007: "the carrier filtered the text out",
    30010: "the text costs more than the Twilio account allows",
    30019: "the text is too large for the carrier",
    30032: "our toll-free number is not verified with the carriers",
    30034: "our number is not registered with the carriers (A2P 10DLC)",
}

BAD_ADDRESS = frozenset({13223, 13224, 21211, 21217, 21265, 21401, 21610, 21614, 30005, 30006})
"""Those of PERMANENT that no other message to the number will escape."""

OR_ENTRY = ", or the account's entry in ONCALL_TWILIO_FALLBACKS"
NOT_ACTIVE = "the Twilio account is suspended or closed, perhaps for lack of funds; see the Twilio console"
TEMPORARY = {
    10001: NOT_ACTIVE,
    14107: "Twilio's rate limit was met",
    20003: f"Twilio refused our credentials; check ONCALL_TWILIO_ACCOUNT_SID and ONCALL_TWILIO_AUTH_TOKEN{OR_ENTRY}, "
    "and in the Twilio console that the account is active",
    20005: NOT_ACTIVE,
    20404: f"Twilio does not know the account or message; check ONCALL_TWILIO_ACCOUNT_SID{OR_ENTRY}",
    20403: NOT_ACTIVE,
    20429: "Twilio's rate limit was met",
    21210: f"the calling number is not ours at Twilio; check ONCALL_TWILIO_FROM{OR_ENTRY}",
    21212: f"the sending number is not valid; check ONCALL_TWILIO_FROM{OR_ENTRY}",
    21606: f"the sending number can't text; check ONCALL_TWILIO_FROM{OR_ENTRY}",
    21611: "too many texts wait at our Twilio number",
    21659: f"the sending number is not ours at Twilio; check ONCALL_TWILIO_FROM{OR_ENTRY}",
    30001: "too many texts wait at Twilio",
    30002: NOT_ACTIVE,
    30003: "the phone is off or out of reach",
    30008: "the carrier gave no reason",
    30009: "a part of the text got lost at Twilio",
    30017: "the carrier is congested",
    30022: "the carrier's rate limit was met",
    30023: "the carrier's daily limit was met",
    30027: "the carrier's daily limit was met",
    30036: "the text grew too old waiting",
    30410: "the carrier did not answer in time",
    30500: "Twilio had an internal error",
    70051: "Twilio did not authorize us; see in the Twilio console that the account and its key are active",
    90010: NOT_ACTIVE,
}

BY_HTTP_STATUS = {401: 20003, 403: 20003, 404: 20404, 429: 20429}
NOT_ACCEPTED_5XX = {503}
"""Any other 5xx can follow an acceptance: a gateway gave up on an answer that came too late."""
GATEWAY_TIMED_OUT = 504


def failure_for(code: int, status: int = 0) -> SendFailure:
    """The failure that Twilio's error `code` means; `status` is the HTTP status, 0 in a callback.

    Twilio's own wording is left out: it quotes the phone number.
    """
    known = code if code in PERMANENT or code in TEMPORARY else BY_HTTP_STATUS.get(status, code)
    if known in PERMANENT:
        return PermanentFailure(_sentence(PERMANENT[known], known), bad_address=known in BAD_ADDRESS)
    if known in TEMPORARY:
        return TemporaryFailure(_sentence(TEMPORARY[known], known))
    if status >= 500:
        reason = f"Twilio has trouble (HTTP {status})"
        return TemporaryFailure(
            reason, maybe_accepted=status not in NOT_ACCEPTED_5XX, may_come_late=status == GATEWAY_TIMED_OUT
        )
    if status >= 400:
        return PermanentFailure(f"Twilio refused the message (error {code}, HTTP {status})")
    return TemporaryFailure(f"Twilio could not deliver the message ({f'error {code}' if code else 'no reason given'})")


def _sentence(reason: str, code: int) -> str:
    return f"{reason[0].upper()}{reason[1:]} (Twilio {code})"
