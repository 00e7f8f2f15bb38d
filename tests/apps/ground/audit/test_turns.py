"""Few threads compute at once, the others sleep; nobody waits for ever, and who waits for something holds nobody up."""

import threading
from collections.abc import Callable

from creditmesh.apps.ground.audit.turns import Turnstile


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


class TestTurnstile:
    def test_keeps_a_second_thread_waiting_until_the_first_is_done(self) -> None:
        turns, seen = Turnstile(1, patience=30), []
        with turns.turn():
            other = beside(lambda: enter(turns, seen, "other"))
            other.join(0.05)
            assert seen == []
        other.join()
        assert seen == ["other"]

    def test_lets_others_in_while_its_holder_waits(self) -> None:
        turns, seen = Turnstile(1, patience=30), []
        with turns.turn(), turns.aside():
            beside(lambda: enter(turns, seen, "other")).join()
            assert seen == ["other"]

    def test_lets_those_who_come_back_go_before_those_who_come(self) -> None:
        turns, seen = Turnstile(1, patience=30), []
        waiting, go_on = threading.Event(), threading.Event()

        def comes_back() -> None:
            with turns.turn():
                with turns.aside():
                    waiting.set()
                    go_on.wait()
                seen.append("back")

        back = beside(comes_back)
        waiting.wait()
        with turns.turn():
            new = beside(lambda: enter(turns, seen, "new"))
            while not turns._coming:
                pass
            go_on.set()
            while not turns._returning:
                pass
        back.join()
        new.join()
        assert seen == ["back", "new"]

    def test_lets_go_on_without_a_turn_whoever_waited_too_long(self) -> None:
        turns, seen = Turnstile(1, patience=0.01), []
        with turns.turn():
            beside(lambda: enter(turns, seen, "other")).join()
            assert seen == ["other"]
        with turns.turn():
            assert turns._free == 0
        assert turns._free == 1

    def test_takes_one_turn_however_often_a_thread_asks(self) -> None:
        turns = Turnstile(1, patience=30)
        with turns.turn(), turns.turn():
            assert turns._free == 0
        with turns.aside():
            assert turns._free == 1

    def test_gives_its_turn_back_when_the_work_fails(self) -> None:
        turns = Turnstile(1, patience=30)
        try:
            with turns.turn():
                raise LookupError
        except LookupError:
            pass
        assert turns._free == 1


def enter(turns: Turnstile, seen: list[str], name: str) -> None:
    with turns.turn():
        seen.append(name)
