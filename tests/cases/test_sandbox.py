"""The sandbox: its limits hold, its answers come back, and nothing is left behind."""

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cases.sandbox import Bounds, SandboxDied, SandboxTimedOut, run, stream
from tests.processes import eventually


@dataclass(frozen=True, slots=True)
class Answer:
    text: str


class Refusal(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def answer(text: str) -> Answer:
    return Answer(text)


def refuse(code: str) -> None:
    raise Refusal(code)


def take(size: int) -> int:
    return len(bytes(size))


def spin() -> None:
    while True:
        pass


def write(path: str) -> None:
    with open(path, "w", buffering=1) as file:  # noqa: PTH123  # the plainest way to try it
        file.write("kept\n")


def secrets() -> list[str]:
    return [name for name in os.environ if name.startswith("COUNTERSIGN_TEST")]


def count_to(last: int, die_at: int) -> Iterator[int]:
    for number in range(last):
        if number == die_at:
            os.abort()
        yield number


def one_large_after_another(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield bytes(10**6)


def dawdle() -> Iterator[int]:
    yield 1
    yield 2


class Hostile:
    """Asks whoever unpickles it to run a command."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.system, ("true",)


def hostile() -> Hostile:
    return Hostile()


def test_an_answer_comes_back() -> None:
    assert run(math.factorial, 20) == math.factorial(20)
    assert run(len, bytes(5 * 10**6)) == 5 * 10**6


def test_the_callers_own_classes_and_exceptions_come_back() -> None:
    assert run(answer, "yes", known=(Answer,)) == Answer("yes")
    with pytest.raises(Refusal) as caught:
        run(refuse, "too_large", known=(Refusal,))
    assert caught.value.code == "too_large"


def test_an_answer_of_any_other_class_is_refused() -> None:
    with pytest.raises(SandboxDied, match="class"):
        run(answer, "yes")
    with pytest.raises(SandboxDied, match="class"):
        run(hostile, known=(Answer,))


def test_an_error_is_known_by_its_kind_alone() -> None:
    with pytest.raises(SandboxDied) as caught:
        run(refuse, "Mary Hopper")
    assert str(caught.value) == "Refusal"


def test_memory_is_bounded() -> None:
    assert run(take, 50 * 2**20, bounds=Bounds(memory=512 * 2**20)) == 50 * 2**20
    with pytest.raises(SandboxDied, match="MemoryError"):
        run(take, 600 * 2**20, bounds=Bounds(memory=512 * 2**20))


def test_processor_time_is_bounded() -> None:
    with pytest.raises(SandboxTimedOut, match="SIGXCPU"):
        run(spin, bounds=Bounds(cpu_seconds=1, seconds=30))


def test_time_by_the_clock_is_bounded() -> None:
    with pytest.raises(SandboxTimedOut, match="SIGALRM"):
        run(time.sleep, 60, bounds=Bounds(seconds=1))


def test_a_crash_is_told() -> None:
    with pytest.raises(SandboxDied, match="SIGABRT"):
        run(os.abort)
    with pytest.raises(SandboxDied, match="exit code 7"):
        run(os._exit, 7)


def test_nothing_can_be_written_to_disk(tmp_path: Path) -> None:
    path = tmp_path / "left"
    with pytest.raises(SandboxDied):
        run(write, str(path))
    assert not path.exists() or path.read_text() == ""


def test_the_child_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_TEST_KEY", "secret")
    assert run(secrets) == []


def test_a_stream_gives_what_there_was_before_the_crash() -> None:
    answers = stream(count_to, 5, 3)
    assert [next(answers) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(SandboxDied, match="SIGABRT"):
        next(answers)
    assert list(stream(count_to, 4, -1)) == [0, 1, 2, 3]


def test_a_slow_reader_does_not_use_up_the_childs_time() -> None:
    answers = stream(dawdle, bounds=Bounds(seconds=1))
    assert next(answers) == 1
    time.sleep(1.5)  # longer than the child is given for an answer
    assert next(answers) == 2


def test_a_stream_that_is_dropped_ends_its_child() -> None:
    parent = run(zygote)
    eventually(lambda: not jobs_of(parent), "no job runs")
    answers = stream(one_large_after_another, 10**6)
    next(answers)
    assert jobs_of(parent)
    answers.close()
    eventually(lambda: not jobs_of(parent), "its jobs end")


def test_threads_get_their_own_answers() -> None:
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        answers[number] = run(math.factorial, number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: math.factorial(number) for number in range(16)}


def ask_and_tell(results: "multiprocessing.SimpleQueue[int]") -> None:
    results.put(run(math.factorial, 6))


def test_a_daemonic_child_may_use_it() -> None:
    """As a prefork worker's children are, and those may not have children by multiprocessing."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    process = context.Process(target=ask_and_tell, args=(results,), daemon=True)
    process.start()
    assert results.get() == 720
    process.join()
    results.close()


def test_jobs_leave_no_processes_behind() -> None:
    parent = run(zygote)
    assert {run(zygote) for _ in range(20)} == {parent}
    eventually(lambda: not jobs_of(parent), "its jobs end")


def test_a_killed_zygote_is_replaced() -> None:
    killed = run(zygote)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{killed}").exists(), "the zygote is gone")
    assert run(math.factorial, 4) == 24
    assert run(zygote) != killed


def test_the_zygote_ends_with_its_owner() -> None:
    script = (
        "import os; from cases.sandbox import run; from tests.cases.test_sandbox import zygote;"
        "print(run(zygote), flush=True); os.kill(os.getpid(), 9)"
    )
    owner = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    eventually(lambda: not Path(f"/proc/{int(owner.stdout)}").exists(), "the zygote ends")


def parent_of(process: int) -> int:
    """By Linux's own account: the fourth word of a process's stat, after its name in brackets."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def zygote() -> int:
    """Called in the sandbox: the process that has jobs born, two forks up, by its number outside."""
    return parent_of(parent_of(int(Path("/proc/self").readlink().name)))


def jobs_of(zygote: int) -> set[int]:
    """The processes that run a job now."""
    jobs = set()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            if parent_of(int(place.name)) == zygote:
                jobs.add(int(place.name))
    return jobs
