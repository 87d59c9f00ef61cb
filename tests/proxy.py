"""nginx in front of a server, with the configuration that `deploy/` has."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server import ROOT, Server, free_port

SECRET = "s" * 16
MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
    server {{ listen 127.0.0.1:{sign_in}; location / {{ add_header X-Auth-Request-User $cookie_who; return 204; }} }}
}}
"""
SIGN_IN = """
    location = /your-sign-in {{
        internal; proxy_pass http://127.0.0.1:{sign_in}; proxy_pass_request_body off; proxy_set_header Content-Length "";
    }}
"""
LOCATION = "    location / {"


def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def nginx_before(server: Server, port: int, folder: Path) -> Iterator[None]:
    """Run nginx with `deploy/nginx.conf`, its lines for signing in switched on. Who is signed in, the cookie `who` says."""
    sign_in = free_port()
    folder.mkdir()
    site = _changed((ROOT / "deploy" / "nginx.conf").read_text(), server.port, port, SIGN_IN.format(sign_in=sign_in), folder)
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user, sign_in=sign_in))
    with subprocess.Popen([str(nginx()), "-c", folder / "nginx.conf", "-e", folder / "error.log"]) as process:
        try:
            deadline = time.monotonic() + 20
            while not _listens(port):
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def _changed(site: str, upstream: int, port: int, sign_in: str, folder: Path) -> str:
    """The file as somebody changes it who follows its comments. Each change must find its place."""
    changes = {
        "http://roundtable:8501": f"http://127.0.0.1:{upstream}",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/log/nginx/access.log": str(folder / "access.log"),
        "/var/log/nginx/error.log": str(folder / "site-error.log"),
        "the value of ROUNDTABLE_AUTH_SECRET": SECRET,
        "# auth_request ": "auth_request ",
        "# auth_request_set ": "auth_request_set ",
        "# proxy_set_header X-Forwarded-User ": "proxy_set_header X-Forwarded-User ",
        "# proxy_set_header X-Roundtable-Secret ": "proxy_set_header X-Roundtable-Secret ",
        LOCATION: f"{sign_in}\n{LOCATION}",
    }
    for before, after in changes.items():
        assert site.count(before) == 1, before
        site = site.replace(before, after)
    return site


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
