"""Lifecycle of a swap: a request that people agree to.

::

                  ┌──accept────▶ accepted     stored as overrides
    ┌─────────┐   ├──decline───▶ declined     by everybody who was asked
    │ offered │ ──┤
    └─────────┘   ├──withdraw──▶ withdrawn    by whoever asked
                  └──expire────▶ expired      unanswered in time, or not the giver's any more

    ┌─────────┐ ──refuse────▶ refused         out of reach: the level goes back at once
    │ running │
    └─────────┘ ──come back─▶ ended           by itself at the end, or sooner by whoever was away

Taking over now is offered and accepted in one go: the taker's own consent suffices. Out of reach begins as running.
Everything but offered and running is final.
"""

from enum import StrEnum

from oncall.errors import Conflict


class SwapState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RUNNING = "running"
    REFUSED = "refused"
    ENDED = "ended"


class SwapAction(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    REFUSE = "refuse"
    COME_BACK = "come back"


TRANSITIONS: dict[tuple[SwapState, SwapAction], SwapState] = {
    (SwapState.OFFERED, SwapAction.ACCEPT): SwapState.ACCEPTED,
    (SwapState.OFFERED, SwapAction.DECLINE): SwapState.DECLINED,
    (SwapState.OFFERED, SwapAction.WITHDRAW): SwapState.WITHDRAWN,
    (SwapState.OFFERED, SwapAction.EXPIRE): SwapState.EXPIRED,
    (SwapState.RUNNING, SwapAction.REFUSE): SwapState.REFUSED,
    (SwapState.RUNNING, SwapAction.COME_BACK): SwapState.ENDED,
}


def after(state: SwapState, action: SwapAction) -> SwapState:
    """The state that `action` leads to. Raises Conflict when it is not possible from `state`."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise Conflict(f"This swap is {state}: “{action}” is not possible any more.") from None
