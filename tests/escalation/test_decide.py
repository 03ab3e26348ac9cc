"""The decision alone: who is paged next, in turn or not, and what only posts."""

from datetime import UTC, datetime, timedelta

from oncall.escalation.decide import Decision, Policy, Position, Post, Recipient, Resolution, SoFar, Step, decide

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
ALICE, BOB, CAROL = (Recipient(number, name, "team dev") for number, name in enumerate(("Alice", "Bob", "Carol"), 1))
WARROOM = Post(7, "dev's #warroom (slack)")
RESOLUTIONS = {
    "team:dev": Resolution((ALICE, BOB, CAROL)),
    "user:alice": Resolution((ALICE,)),
    "user:bob": Resolution((BOB,)),
    "schedule:dev/L3": Resolution(problem="Nobody is on call for dev L3"),
    "team:dev/#warroom": Resolution(posts=(WARROOM,)),
}


def policy(*steps: Step, fallback: str | None = None, repeat: int = 0) -> Policy:
    return Policy("dev", repeat, fallback, steps)


def step(*page: str, round_robin: bool = False, acknowledgements: int = 1) -> Step:
    return Step(page, 5 * MINUTES, round_robin, acknowledgements)


def first(policy: Policy, so_far: SoFar | None = None, at: Position | None = None) -> Decision:
    return decide(policy, at or Position(), NOW, RESOLUTIONS, "the alert triggered", so_far or SoFar())


def paged(decision: Decision) -> list[str]:
    return [order.recipient.name for order in decision.pages]


def test_a_round_robin_step_pages_whoever_has_waited_longest() -> None:
    in_turn = policy(step("team:dev", round_robin=True))

    assert paged(first(in_turn)) == ["Alice"]
    assert paged(first(in_turn, SoFar(turns={(0, 1): 1}))) == ["Bob"]
    assert paged(first(in_turn, SoFar(turns={(0, 1): 4, (0, 2): 2, (0, 3): 3}))) == ["Bob"]
    assert all(order.takes_turn for order in first(in_turn).pages)


def test_turns_of_another_step_do_not_count() -> None:
    both = policy(step("user:alice"), step("team:dev", round_robin=True))

    assert paged(first(both, SoFar(turns={(0, 1): 9}), Position(1, 0, True))) == ["Alice"]


def test_somebody_who_learns_comes_with_whoever_is_paged_after_them() -> None:
    learner = Recipient(1, "Erin", "dev L1")
    teacher = Recipient(2, "Alice", "dev L1", delay=MINUTES)
    resolutions = {"schedule:dev": Resolution((learner, teacher, Recipient(3, "Bob", "dev L2")))}
    in_turn = policy(step("schedule:dev", round_robin=True))

    decision = decide(in_turn, Position(), NOW, resolutions, "", SoFar(turns={(0, 3): 1, (0, 1): 2}))

    assert paged(decision) == ["Erin", "Alice"]


def test_shadows_follow_along_with_whose_turn_it_is() -> None:
    erin, frank = Recipient(8, "Erin", "dev L1", is_shadow=True), Recipient(9, "Frank", "dev L2", is_shadow=True)
    people = (Recipient(1, "Alice", "dev L1"), Recipient(2, "Bob", "dev L2"))
    resolutions = {"schedule:dev": Resolution(people, shadows=(erin, frank))}

    decision = decide(policy(step("schedule:dev", round_robin=True)), Position(), NOW, resolutions, "")

    assert paged(decision) == ["Alice", "Erin"]
    assert [order.takes_turn for order in decision.pages] == [True, False]


def test_a_step_that_only_posts_runs_on_at_once() -> None:
    decision = first(policy(step("team:dev/#warroom"), step("user:bob")))

    assert (decision.posts, paged(decision)) == ((WARROOM,), ["Bob"])
    assert decision.notes == ("Step 1 posts and pages nobody: running on at once",)
    assert decision.position == Position(2, 0, True)


def test_a_step_that_posts_and_pages_waits_for_an_answer() -> None:
    decision = first(policy(step("team:dev/#warroom", "user:alice"), step("user:bob")))

    assert (decision.posts, paged(decision), decision.notes) == ((WARROOM,), ["Alice"], ())
    assert decision.next_at == NOW + 5 * MINUTES


def test_posts_alone_reach_nobody_so_the_fallback_is_paged() -> None:
    decision = first(policy(step("team:dev/#warroom"), fallback="user:bob"))

    assert (decision.posts, paged(decision)) == ((WARROOM,), ["Bob"])
    assert decision.pages[0].reason == "the policy's fallback: nobody else can be paged"


def test_an_address_is_posted_to_once_however_many_steps_have_it() -> None:
    decision = first(policy(step("team:dev/#warroom"), step("team:dev/#warroom", "user:bob")))

    assert decision.posts == (WARROOM,)


def test_whoever_has_acknowledged_gets_no_further_page() -> None:
    several = policy(step("user:alice"), step("team:dev", acknowledgements=2))

    decision = first(several, SoFar(acknowledged=frozenset({1})), Position(1, 0, True))

    assert paged(decision) == ["Bob", "Carol"]
    assert decision.notes == ("Alice was not paged: has acknowledged",)
    assert decision.acknowledgements == 2


def test_a_step_whose_people_have_all_acknowledged_runs_on_at_once() -> None:
    decision = first(policy(step("user:alice"), step("user:bob")), SoFar(acknowledged=frozenset({1})))

    assert paged(decision) == ["Bob"]


def test_the_fallback_alone_is_enough() -> None:
    last = policy(step("user:alice", acknowledgements=2), fallback="user:bob")

    assert first(last).acknowledgements == 2
    assert first(last, at=Position(1, 0, True)).acknowledgements == 1


def test_at_the_end_without_a_fallback_as_many_are_needed_as_before() -> None:
    assert first(policy(step("user:alice", acknowledgements=2)), at=Position(1, 0, True)).acknowledgements is None
