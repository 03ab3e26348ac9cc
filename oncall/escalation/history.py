"""What has happened that decides who is paged: who has acknowledged, and who had their turns."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from oncall.escalation.acknowledgements import acknowledged_by
from oncall.escalation.decide import NOTHING, PageOrder, SoFar
from oncall.escalation.policies import has_turns
from oncall.models import Alert, EscalationPolicy, RoundRobinTurn


class History:
    """Of alerts that are about to be stepped, loaded at once."""

    def __init__(self, session: Session, alerts: Sequence[Alert]) -> None:
        self._session = session
        older = [alert.id for alert in alerts if alert.next_step_at != alert.triggered_at]  # nobody was asked yet
        self._acknowledged = acknowledged_by(session, older) if older else {}
        in_turn = {alert.policy_id for alert in alerts if has_turns(session, alert)}
        self._turns: dict[int, dict[tuple[int, int], RoundRobinTurn]] = {policy_id: {} for policy_id in in_turn}
        if in_turn:
            for turn in session.exec(select(RoundRobinTurn).where(col(RoundRobinTurn.policy_id).in_(in_turn))):
                self._turns[turn.policy_id][turn.step, turn.user_id] = turn

    @classmethod
    def to_be_made(cls, session: Session, alerts: Sequence[Alert]) -> "History":
        """With the turns held for us until the transaction ends, so that two processes give nobody the same one.

        Always after the alerts themselves were locked, and in one order.
        """
        in_turn = sorted({alert.policy_id for alert in alerts if has_turns(session, alert)})
        if in_turn:
            rows = select(EscalationPolicy.id).where(col(EscalationPolicy.id).in_(in_turn))
            session.exec(rows.order_by(col(EscalationPolicy.id)).with_for_update(key_share=True)).all()
        return cls(session, alerts)

    def of(self, alert: Alert) -> SoFar:
        turns, acknowledged = self._turns.get(alert.policy_id), self._acknowledged.get(alert.id)
        if not turns and not acknowledged:
            return NOTHING
        numbers = {place: turn.number for place, turn in (turns or {}).items()}
        return SoFar(frozenset(acknowledged or ()), numbers)

    def take_turn(self, alert: Alert, order: PageOrder) -> None:
        turns, user_id = self._turns[alert.policy_id], order.recipient.user_id
        number = 1 + max((turn.number for (step, _), turn in turns.items() if step == order.step), default=0)
        turn = turns.setdefault(
            (order.step, user_id),
            RoundRobinTurn(policy_id=alert.policy_id, step=order.step, user_id=user_id, number=number),
        )
        turn.number = number
        self._session.add(turn)
