"""The web server's settings; what may differ between machines comes from the environment."""

import os
import sys

bind = f"{os.environ.get('COUNTERSIGN_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = True  # one copy of the code in memory
timeout = 60  # seconds; the longest request is a large upload
graceful_timeout = 10
max_requests = 10_000  # a worker is renewed before a leak could matter
max_requests_jitter = 1_000
worker_tmp_dir = "/dev/shm"  # noqa: S108 - heartbeats: a slow disk must not look like a hang
control_socket_disable = True


def post_fork(server: object, worker: object) -> None:
    """Threads wait for the database more often than Python's usual turn of 5 ms lets them go on."""
    sys.setswitchinterval(0.0005)
