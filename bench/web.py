"""Web servers to measure, and a client that costs little beside them."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

PATIENCE = 60.0
PRODUCT = ("config.wsgi", {"DJANGO_SETTINGS_MODULE": "config.settings"})
FLOOR = (
    "django.core.wsgi:get_wsgi_application()",
    {"DJANGO_SETTINGS_MODULE": "bench.bare.settings"},
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Client:
    """One connection to a local server, kept alive; `headers` go with every request.

    It knows no more of HTTP than these servers speak: every answer has its Content-Length.
    """

    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def connection(self) -> socket.socket:
        """The connection, opened at the first request."""
        opened = socket.create_connection(("127.0.0.1", self.port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    @cached_property
    def fixed(self) -> str:
        """The lines that are the same in every request."""
        lines = {"Host": f"127.0.0.1:{self.port}", **self.headers}
        return "".join(f"{name}: {value}\r\n" for name, value in lines.items())

    def post(self, path: str, body: bytes, *, kind: str, more: str = "") -> Reply:
        """Posts a body of media type `kind`; `more` are further header lines."""
        return self.send(
            f"POST {path} HTTP/1.1\r\n{self.fixed}{more}Content-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    def get(self, path: str) -> Reply:
        """Gets a page."""
        return self.send(f"GET {path} HTTP/1.1\r\n{self.fixed}\r\n".encode())

    def send(self, request: bytes) -> Reply:
        """The answer to a request, which must not be an error.

        A server that renews its worker closes the connection between two requests: once more then.
        """
        try:
            self.connection.sendall(request)
            answer = self.receive(b"")
        except ConnectionError:
            del self.connection
            self.connection.sendall(request)
            answer = self.receive(b"")
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        while len(body) < length:
            body += self.connection.recv(65536)
        reply = Reply(int(first.split(" ", 2)[1]), headers, body)
        if reply.status >= 400:
            raise RuntimeError(f"{first}: {body[:300]!r}")
        return reply

    def receive(self, found: bytes) -> bytes:
        """What has come, up to the end of the head at least."""
        while b"\r\n\r\n" not in found:
            more = self.connection.recv(65536)
            if not more:
                raise ConnectionError("the server closed the connection")
            found += more
        return found


@contextlib.contextmanager
def server(kind: tuple[str, dict[str, str]], **variables: str) -> Iterator[int]:
    """A web server as the product runs its own, on the database in use; gives its port."""
    application, own = kind
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", application],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                **own,
                "PORT": str(port),
                **variables,
            },
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(port, process)
            yield port
        except Exception:
            log.seek(0)
            print(log.read().decode()[-4000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Waits until somebody listens on the port; fails where the server ends instead."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        if process.poll() is not None:
            raise RuntimeError("the web server did not start")
        time.sleep(0.05)
    raise TimeoutError(f"no web server on port {port} in {PATIENCE} s")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
