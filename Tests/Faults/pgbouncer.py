"""A pgbouncer with transaction pooling in front of a PostgreSQL, on a unix socket."""

import contextlib
import os
import shutil
import tempfile

from postgresql_server import ROLE, USER
from server_fixture import STOP_DEADLINE_SECONDS

PORT = 6432
# Fewer than the clients have connections: they take turns. After a failed login pgbouncer tries again in one second,
# not in its default of 15 (docs/postgresql.md).
CONFIGURATION = """
[databases]
* = host=%(server)s
[pgbouncer]
unix_socket_dir = %(folder)s
listen_addr =
listen_port = %(port)d
auth_type = trust
auth_file = %(folder)s/users
pool_mode = transaction
default_pool_size = 4
server_login_retry = 1
"""


class Pgbouncer:
    """A pgbouncer on a fixture. It refuses to run as root, like PostgreSQL."""

    def __init__(self, fixture, server):
        self.fixture = fixture
        self.folder = tempfile.mkdtemp(prefix="hookline-pgbouncer-")
        fixture.at_exit(shutil.rmtree, self.folder, ignore_errors=True)
        self._write("users", f'"{ROLE}" ""\n')
        self._write(
            "pgbouncer.ini", CONFIGURATION % {"server": server.folder, "folder": self.folder, "port": PORT})
        self._as_user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER, USER)
            self._as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]
        self.start()

    @property
    def url(self):
        """The value of HOOKLINE_DIRECTORY."""
        return f"postgres://{ROLE}@/{ROLE}?host={self.folder}&port={PORT}"

    def start(self):
        """Starts it; it accepts connections when this returns."""
        socket = os.path.join(self.folder, f".s.PGSQL.{PORT}")
        with contextlib.suppress(FileNotFoundError):
            os.remove(socket)
        self.process = self.fixture.start(
            "pgbouncer", [*self._as_user, "pgbouncer", os.path.join(self.folder, "pgbouncer.ini")], socket)

    def kill(self):
        """Ends it without a word to its clients; it has ended when this returns."""
        self.process.kill()
        self.process.wait(STOP_DEADLINE_SECONDS)

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        if os.geteuid() == 0:
            shutil.chown(path, USER, USER)
