"""Answers are kept by load and asked for once."""

import threading

from dashboards.answers import LOADS_KEPT, Answers, Key


def key(load: int, name: str = "sites") -> Key:
    return ("analyst", load, name, ())


def test_an_answer_is_asked_for_once() -> None:
    answers, asked = Answers(), list[int]()
    for _ in range(3):
        assert answers.get(key(1), lambda: asked.append(1) or [{"n": 1}]) == [{"n": 1}]  # type: ignore[func-returns-value]
    assert asked == [1]


def test_who_comes_meanwhile_waits_for_the_one_who_asks() -> None:
    answers, asked, go = Answers(), list[int](), threading.Event()

    def ask() -> list[int]:
        asked.append(1)
        go.wait(5)
        return [42]

    found = list[list[int]]()
    threads = [
        threading.Thread(target=lambda: found.append(answers.get(key(1), ask))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(5)
    assert (found, asked) == ([[42]] * 4, [1])


def test_a_question_that_fails_is_asked_again() -> None:
    answers = Answers()
    for _ in range(2):
        try:
            answers.get(key(1), lambda: 1 // 0)
        except ZeroDivisionError:
            continue
        raise AssertionError("the error was swallowed")
    assert answers.get(key(1), lambda: 7) == 7


def test_older_loads_go() -> None:
    answers = Answers()
    for load in range(1, 5):
        answers.keep(key(load), [load])
    kept = [load for load in range(1, 5) if answers.get(key(load), lambda: "again") == [load]]
    assert kept == list(range(5 - LOADS_KEPT, 5))
