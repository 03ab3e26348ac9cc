"""What a call says and which keys it takes, and the answer to a text, as TwiML. Source: https://www.twilio.com/docs/voice/twiml"""

from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

KEYS = {"4": "acknowledge", "5": "escalate", "6": "resolve", "*": "repeat", "0": "help"}
"""As users of PagerDuty and GoAlert know them."""

MENU = "Press 4 to acknowledge, 5 to escalate, 6 to resolve, star to repeat, 0 for help."
HELP = (
    "Acknowledge means that you are on it, and nobody else is called. "
    "Escalate pages the next person now. Resolve closes the alert."
)
GOODBYE = "No key was pressed, so nothing was acknowledged by this call. Goodbye."
NOT_ANSWERED = "Nobody has acknowledged it by this message."
NOTHING_TO_DO = "There is nothing to do for you. Goodbye."
KEY_SECONDS = 5
"""How long a key is waited for after the menu."""


def page_twiml(body: str, action_url: str) -> str:
    """Says the page and the menu, twice. A key is posted to `action_url` as Digits; none leaves the alert as it is."""
    return _ask_twice(f"{body} {MENU}", action_url)


def help_twiml(action_url: str) -> str:
    """Explains the keys, also after one that means nothing, and waits for one."""
    return _ask_twice(f"{HELP} {MENU}", action_url)


def say_twiml(text: str) -> str:
    """Says `text` and hangs up."""
    response = VoiceResponse()
    response.say(_sayable(text))
    response.hangup()
    return _xml(response)


def twice_twiml(text: str) -> str:
    """Says `text` twice and hangs up: a call that no key can answer."""
    response = VoiceResponse()
    response.say(_sayable(text))
    response.pause(length=1)
    response.say(_sayable(text))
    response.hangup()
    return _xml(response)


def voicemail_twiml(body: str) -> str:
    """Leaves the page as a message, once, and hangs up: a machine is offered no key, and the call is not answered."""
    return say_twiml(f"{body} {NOT_ANSWERED}")


def answered_twiml(body: str, standing: str) -> str:
    """Says the page and who answered it while the phone rang, and hangs up; the same to a machine."""
    return say_twiml(f"{body} {standing}. {NOTHING_TO_DO}")


def reply_twiml(text: str = "") -> str:
    """The answer to an incoming text; without `text`, none."""
    response = MessagingResponse()
    if text:
        response.message(_sayable(text))
    return _xml(response)


def _ask_twice(text: str, action_url: str) -> str:
    """No key ends the input (finishOnKey is empty), so that # too is a key, if a wrong one."""
    response = VoiceResponse()
    for _ in range(2):
        gather = Gather(
            input="dtmf", num_digits=1, finish_on_key="", timeout=KEY_SECONDS, action=action_url, method="POST"
        )
        gather.say(_sayable(text))
        response.append(gather)
    response.say(GOODBYE)
    response.hangup()
    return _xml(response)


def _sayable(text: str) -> str:
    """Without the characters that XML can't hold."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _xml(response: TwiML) -> str:
    return str(response.to_xml())
