"""The process in which sandboxed work is born: `python -m cases.zygote <socket>`.

It has imported what the work needs and forks for every job, so a job costs milliseconds and not a
start of Python. It holds no secrets, reads no papers, and ends when nobody holds the other end of its
socket. Every job runs two forks down: the first waits for the second and tells how it ended.

Where the kernel allows it (see `cases.seclusion`), all of this happens in namespaces of its own.
"""

import contextlib
import importlib
import os
import pickle
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from io import BufferedRWPair
from typing import Any, Literal

from cases.seclusion import seclude

Verdict = Literal["more", "done", "raised", "broke"]
Job = tuple[Callable[..., Any], tuple[Any, ...], tuple[type[Exception], ...]]
Bounds = tuple[int, int, int]
"""Bytes of address space, seconds of processor, seconds by the clock for each answer."""

LENGTH = struct.Struct("!Q")
STATUS = struct.Struct("!i")
LONGEST_MODULE_NAME = 1000
NOT_SECLUDED = 3
"""The exit code by which whoever started this learns that the kernel refused."""


def main(control: socket.socket) -> None:
    """Serve jobs until the last owner is gone: a module's name with two descriptors for each."""
    secluded = seclude()
    if os.fork():  # whoever started this need not wait for its end
        sys.exit(0 if secluded else NOT_SECLUDED)
    os.setsid()  # and Ctrl-C in the owner's terminal is not meant for this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the first forks leave no zombies
    while True:
        name, descriptors, _, _ = socket.recv_fds(control, LONGEST_MODULE_NAME, 2)
        if not name:
            return
        importlib.import_module(name.decode())  # once; the next job finds it there
        if os.fork() == 0:
            control.close()
            _keep(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _keep(channel: int, verdict: int) -> None:
    """Run the job in a child, and write down how the child ended as wait(2) tells it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    # However this ends, nothing of the process above may go on in one of these two.
    try:
        if child == 0:
            os.close(verdict)
            _work(channel)
        else:
            os.close(channel)
            os.write(verdict, STATUS.pack(os.waitpid(child, 0)[1]))
    finally:
        os._exit(0)


def _work(channel: int) -> None:
    with socket.socket(fileno=channel).makefile("rwb") as stream:
        bounds = receive(stream)
        job = receive_packed(stream)
        _confine(*bounds[:2])
        # The owner may have gone, or take its time with an answer: neither is the job's doing.
        with contextlib.suppress(BrokenPipeError):
            for verdict, value in _answers(job, bounds[2]):
                signal.alarm(0)
                send(stream, (verdict, value))
                signal.alarm(bounds[2])


def _confine(memory: int, cpu_seconds: int) -> None:
    """Limits that the kernel keeps; what C libraries grumble on stderr may quote the paper."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))  # SIGXCPU, then SIGKILL
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answers(packed: bytes, seconds: int) -> Iterator[tuple[Verdict, Any]]:
    """What the job answers; one that is a generator answers more than once."""
    signal.alarm(seconds)
    known: tuple[type[Exception], ...] = ()
    try:
        job: Job = pickle.loads(packed)  # noqa: S301  # the owner's own, sent over its own socket
        function, arguments, known = job
        answer = function(*arguments)
        if isinstance(answer, Iterator):
            for one in answer:
                yield "more", one
            answer = None
        yield "done", answer
    except known as refusal:
        yield "raised", refusal
    except Exception as error:  # its kind alone: the text may quote the paper
        yield "broke", type(error).__name__


def send(stream: BufferedRWPair, value: object) -> None:
    """Write one value, its length first."""
    packed = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(packed)))
    stream.write(packed)
    stream.flush()


def receive_packed(stream: BufferedRWPair) -> bytes:
    """Read one value, still packed; raises EOFError where the stream ends before its last byte."""
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return _exactly(stream, length)


def receive(stream: BufferedRWPair) -> Any:
    """Read one value sent by a process that is trusted."""
    return pickle.loads(receive_packed(stream))  # noqa: S301  # never called by the owner


def _exactly(stream: BufferedRWPair, length: int) -> bytes:
    read = stream.read(length)
    if len(read) < length:
        raise EOFError
    return read


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
