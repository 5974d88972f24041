"""Untrusted papers are taken apart in a child that the kernel holds to limits, never in this process.

`run` calls a function there and returns its answer; `stream` does so with a generator, one answer at a
time. Both may be called from any process and thread. What a hostile paper gains that takes the child
over:

- Its answer is read as plain values or as the classes that the caller named, and as nothing else.
- Its own environment and memory hold no secrets, and it can't write files or outlive its bounds.
- Where the kernel grants namespaces (a warning in the log says where not, as in a container with
  Docker's defaults), it has no network and no capabilities, can signal no process outside, and can't
  look into one, ours included, though they are the same user's.
- Where it does not, production's processes still hide their memory and environment from it
  (`seclusion.hide_own_memory`), unless all of it runs as root. The network is then open to it.
- Files that this user may read, it can read in any case: keep keys in the environment or with
  another owner. Sealed papers it finds are ciphertext to it.
"""

import atexit
import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from cases import zygote

log = structlog.get_logger("countersign.sandbox")

GRACE_SECONDS = 5
"""Beyond the child's own alarm, for a machine so busy that the alarm itself is late."""


class SandboxDied(Exception):
    """The child ended without an answer: out of memory, a crash, or an error nobody named."""


class SandboxTimedOut(SandboxDied):
    """The child took more processor time or more time by the clock than it was given."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use: bytes of address space, processor time in all, time for each answer."""

    memory: int = 1536 * 2**20
    cpu_seconds: int = 60
    seconds: int = 60


def run(
    function: Callable[..., Any],
    *arguments: Any,
    bounds: Bounds | None = None,
    known: tuple[type, ...] = (),
) -> Any:
    """What `function(*arguments)` returns in a sandboxed child.

    The function is importable by name; `known` lists the classes its answer may consist of and the
    exceptions it may raise, which are raised here. Raises SandboxDied or SandboxTimedOut otherwise.
    """
    for verdict, value in _answers(function, arguments, bounds or Bounds(), known):
        if verdict == "done":
            return value
    raise SandboxDied("answered more than once")


def stream(
    function: Callable[..., Iterator[Any]],
    *arguments: Any,
    bounds: Bounds | None = None,
    known: tuple[type, ...] = (),
) -> Generator[Any]:
    """What the generator `function(*arguments)` yields in a sandboxed child; raises like `run`."""
    for verdict, value in _answers(function, arguments, bounds or Bounds(), known):
        if verdict == "more":
            yield value


def _answers(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    bounds: Bounds,
    known: tuple[type, ...],
) -> Iterator[tuple[zygote.Verdict, Any]]:
    raised = tuple(kind for kind in known if issubclass(kind, Exception))
    channel, verdict = _born(function.__module__)
    with channel, verdict, channel.makefile("rwb") as stream:
        channel.settimeout(bounds.seconds + GRACE_SECONDS)
        try:
            zygote.send(stream, (bounds.memory, bounds.cpu_seconds, bounds.seconds))
            zygote.send(stream, (function, arguments, raised))
            said: zygote.Verdict = "more"
            while said == "more":
                said, value = _Answer(zygote.receive_packed(stream), known).load()
                if said == "raised":
                    raise value
                if said == "broke":
                    raise SandboxDied(value)
                yield said, value
        except TimeoutError:
            raise SandboxTimedOut("no answer") from None
        except (EOFError, OSError):
            raise _how_it_ended(verdict) from None


class _Answer(pickle.Unpickler):
    """An answer of the child's: plain values, and the classes that the caller named."""

    def __init__(self, packed: bytes, known: tuple[type, ...]) -> None:
        super().__init__(io.BytesIO(packed))
        self._known = {(kind.__module__, kind.__qualname__): kind for kind in known}

    def find_class(self, module: str, name: str) -> type:
        try:
            return self._known[module, name]
        except KeyError:
            raise SandboxDied("answered with a class that it may not use") from None


def _how_it_ended(verdict: io.FileIO) -> SandboxDied:
    told = verdict.read()
    if not told:
        return SandboxDied("lost")
    (status,) = zygote.STATUS.unpack(told)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        kind = SandboxTimedOut if number in (signal.SIGALRM, signal.SIGXCPU) else SandboxDied
        return kind(signal.Signals(number).name)
    return SandboxDied(f"exit code {os.WEXITSTATUS(status)}")


# ---------------------------------------------------------------- the process that forks
_control: socket.socket | None = None
_asking = threading.Lock()


def _born(module: str) -> tuple[socket.socket, io.FileIO]:
    """A child waiting for a job of `module`: its channel, and where its end is written down."""
    channel, far_channel = socket.socketpair()
    verdict, far_verdict = os.pipe()
    try:
        _ask(module, far_channel.fileno(), far_verdict)
    finally:
        far_channel.close()
        os.close(far_verdict)
    return channel, io.FileIO(verdict)


def _ask(module: str, *descriptors: int) -> None:
    """Hand `descriptors` to the zygote; one that is gone is replaced."""
    global _control
    with _asking:
        if _control is not None:
            with suppress(OSError):
                socket.send_fds(_control, [module.encode()], descriptors)
                return
            _control.close()
        _control = _zygote()
        socket.send_fds(_control, [module.encode()], descriptors)


def _zygote() -> socket.socket:
    """A new zygote's control socket; the zygote is nobody's child and ends with its last owner."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        started = subprocess.run(  # noqa: S603  # this very interpreter, no shell
            [sys.executable, "-m", "cases.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join(str(Path(place).resolve()) for place in sys.path),
                "OMP_NUM_THREADS": "1",  # threads of numpy's would take address space in every child
                "OPENBLAS_NUM_THREADS": "1",
            },
            check=False,
        )
    if started.returncode == zygote.NOT_SECLUDED:
        log.warning("sandbox_not_secluded", missing="namespaces: the child keeps the network")
    else:
        started.check_returncode()
    return ours


def _forget_lock() -> None:
    """In a forked child: the thread that held the lock was not forked along."""
    global _asking
    _asking = threading.Lock()


def _let_go() -> None:
    """At the interpreter's end: the zygote ends when nobody holds its socket any more."""
    if _control is not None:
        _control.close()


os.register_at_fork(after_in_child=_forget_lock)
atexit.register(_let_go)
