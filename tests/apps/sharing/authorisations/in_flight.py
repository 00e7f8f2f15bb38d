"""A withdrawal meets an inquiry in flight, on two connections of one database: played here, judged by the test."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

PATIENCE = 20.0  # seconds until something is broken
GLANCE = 0.4  # seconds in which an unlocked withdrawal would be done


def play(stage: Any) -> dict[str, Any]:
    """Play both orders and return what was seen."""
    from creditmesh.apps.members.institutions.operations import settling, suspending
    from creditmesh.apps.members.institutions.rules.counting import Passage
    from creditmesh.apps.sharing.authorisations import queries
    from creditmesh.apps.sharing.authorisations.operations import withdrawing
    from creditmesh.apps.sharing.authorisations.operations.spending import spend
    from creditmesh.apps.sharing.authorisations.rules import decide

    seen: dict[str, Any] = {}
    first = stage.signed()

    # 1: decided, then withdrawn by another connection, then spent
    seen["decided"] = decide(queries.standing(first.uuid), stage.ask(), at=stage.now)
    _beside(lambda: withdrawing.withdraw(first.uuid, by=stage.clerk, at=stage.now)).join(PATIENCE)
    with transaction.atomic():
        seen["spent_after_withdrawal"] = spend([(first.uuid, stage.ask())], at=stage.now)

    # 2: spent under the lock; the withdrawal waits, then takes effect
    second = stage.signed()
    done, leaving = threading.Event(), threading.Event()

    def withdraw() -> None:
        withdrawing.withdraw(second.uuid, by=stage.clerk, at=stage.now)
        seen["withdrawn_before_commit"] = not leaving.is_set()
        done.set()

    with transaction.atomic():
        seen["spent_under_lock"] = spend([(second.uuid, stage.ask())], at=stage.now)
        other = _beside(withdraw)
        done.wait(GLANCE)
        leaving.set()
    other.join(PATIENCE)
    seen["withdrawn_in_the_end"] = done.is_set()
    with transaction.atomic():
        seen["spent_in_the_end"] = spend([(second.uuid, stage.ask())], at=stage.now)

    # 3: many want the last use
    stage.now += timedelta(minutes=5)
    third = stage.signed(choice=_choice(stage))
    answers: list[Any] = []

    def use() -> None:
        with transaction.atomic():
            answers.extend(spend([(third.uuid, stage.ask())], at=stage.now))

    for thread in [_beside(use) for _ in range(6)]:
        thread.join(PATIENCE)
    seen["last_use"] = sorted(str(one) for one in answers)

    seen |= _persons(stage)

    # 7: let through; the institution's suspension waits, then holds
    let_through = Passage(institution=stage.bank.organisation)
    suspended, answered = threading.Event(), threading.Event()

    def suspend() -> None:
        suspending.suspend(institution=stage.bank.organisation, why="", by=stage.bank.who(), at=stage.now)
        seen["suspended_before_commit"] = not answered.is_set()
        suspended.set()

    with transaction.atomic():
        seen["let_through"] = settling.settle([let_through], at=stage.now)
        other = _beside(suspend)
        suspended.wait(GLANCE)
        answered.set()
    other.join(PATIENCE)
    seen["after_suspension"] = [type(one).__name__ for one in settling.settle([let_through], at=stage.now)]
    return seen


def _persons(stage: Any) -> dict[str, Any]:
    """Play what a person agreed to, and takes back while an answer that shows the name is under way."""
    from tests.apps.sharing.authorisations.conftest import SUBJECT

    from creditmesh.apps.sharing.authorisations import queries
    from creditmesh.apps.sharing.authorisations.operations import withdrawing
    from creditmesh.apps.sharing.authorisations.operations.spending import Shown, still_agreed

    seen: dict[str, Any] = {}
    stage.now, stage._counter = stage.now + timedelta(minutes=5), 0
    granted = stage.signed()
    take_back = [_agreed(stage, granted, name) for name in ("赵东兴", "钱会计")]
    shown = [
        Shown(
            authorisation=granted.uuid,
            consents=frozenset({one.uuid}),
            subject=SUBJECT,
            institution=stage.bank.organisation,
            spends=spends,
        )
        for one in queries.personal_consents(granted.uuid)
        for spends in (True, False)
    ]

    def agreed() -> list[bool]:
        with transaction.atomic():
            return still_agreed(shown, at=stage.now, spent=[granted.uuid])

    def meanwhile(act: Callable[[], object], name: str) -> None:
        done, leaving = threading.Event(), threading.Event()

        def acting() -> None:
            act()
            seen[f"{name}_before_commit"] = not leaving.is_set()
            done.set()

        with transaction.atomic():
            seen[f"{name}_under_lock"] = still_agreed(shown, at=stage.now)
            other = _beside(acting)
            done.wait(GLANCE)
            leaving.set()
        other.join(PATIENCE)
        seen[f"{name}_in_the_end"] = agreed()

    # 4: read, then taken back by another connection, then settled
    seen["agreed"] = agreed()
    _beside(take_back[0]).join(PATIENCE)
    seen["agreed_after_one"] = agreed()
    # 5: seen under the lock; the person's withdrawal waits, then takes effect
    meanwhile(take_back[1], "consent")
    # 6: the authorisation the consents go with, beside a question that does not use it
    take_back[:] = [_agreed(stage, granted, "赵东兴"), _agreed(stage, granted, "钱会计")]
    shown[:] = [
        Shown(
            authorisation=granted.uuid,
            consents=frozenset(one.uuid for one in queries.personal_consents(granted.uuid)),
            subject=SUBJECT,
            institution=stage.bank.organisation,
            spends=False,
        )
    ]
    meanwhile(lambda: withdrawing.withdraw(granted.uuid, by=stage.clerk, at=stage.now), "carrier")
    return seen


def _agreed(stage: Any, granted: Any, name: str) -> Callable[[], object]:
    """Let a person agree, and return how the person takes it back."""
    from creditmesh.apps.ground.parties.rules import Actor, Role
    from creditmesh.apps.sharing.authorisations.operations import consenting

    at, operator = stage.now, Actor(user_id=None, label="operator", roles=frozenset({Role.OPERATOR}))
    asked = consenting.ask_person(
        granted.uuid, role="legal_representative", name=name, by=stage.owner, node=stage.node, at=at
    )
    code = consenting.identify(asked.uuid, name=name, how="identity card", by=operator, at=at)

    def answer(*, agrees: bool) -> None:
        consenting.answer(asked.token, name=name, code=code, agrees=agrees, node=stage.node, at=at)

    answer(agrees=True)
    return lambda: answer(agrees=False)


def _choice(stage: Any) -> Any:
    from dataclasses import replace

    from tests.apps.sharing.authorisations.conftest import CHOICE

    del stage
    return replace(CHOICE, max_queries=1, per_day=1)


def _beside(act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def main() -> None:
    """Play on the node of the environment and print what was seen."""
    import django

    django.setup()
    from tests.apps.sharing.authorisations.conftest import build_stage

    from creditmesh.apps.ground.nodes.queries import this_node

    print(json.dumps(play(build_stage(this_node()))))


if __name__ == "__main__":
    main()
