"""The world outside: servers on this machine that take what the house sends."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Reply = Callable[[dict[str, str], bytes], tuple[int, bytes]]


class Outside(ThreadingHTTPServer):
    """A server that answers each post with what `reply` makes of it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.reply = reply

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    """Reads a post and answers it."""

    server: Outside

    def do_POST(self) -> None:
        """Answers."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        status, answer = self.server.reply(named | {"path": self.path}, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def outside(reply: Reply) -> Iterator[Outside]:
    """The server, as long as the block runs."""
    with Outside(reply) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Authority:
    """A timestamping authority: OpenSSL's, with certificates of this very test."""

    CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
ess_cert_id_alg = sha256
"""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "serial").write_text("01")
        (folder / "tsa.cnf").write_text(self.CONFIG.format(folder=folder))
        root_key, key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        root = certificate("Root of a test", root_key.public_key(), "Root of a test", root_key)
        own = certificate("Clock of a test", key.public_key(), "Root of a test", root_key)
        self.write("root.pem", root.public_bytes(Encoding.PEM))
        self.write("own.pem", own.public_bytes(Encoding.PEM))
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.write("key.pem", plain)

    def write(self, name: str, content: bytes) -> None:
        """A file of the authority's."""
        (self.folder / name).write_bytes(content)

    def reply(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """A timestamp."""
        assert headers["content-type"] == "application/timestamp-query"
        self.write("query.tsq", body)
        files = {"-config": "tsa.cnf", "-queryfile": "query.tsq", "-out": "answer.tsr"}
        keys = {"-signer": "own.pem", "-inkey": "key.pem"}
        command = ["openssl", "ts", "-reply"]
        for option, name in (files | keys).items():
            command += [option, str(self.folder / name)]
        subprocess.run(command, check=True, capture_output=True)
        return 200, (self.folder / "answer.tsr").read_bytes()


def certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: str, signs: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """A root's certificate, or a clock's that the root vouches for."""
    now, is_root = datetime.now(UTC), name == issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
    )
    if not is_root:
        stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamps, critical=True)
    return builder.sign(signs, hashes.SHA256())
