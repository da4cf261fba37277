"""The processes of a measurement: started in a temporary folder on unix sockets, stopped by their process ids."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_DEADLINE_SECONDS = 20
STOP_DEADLINE_SECONDS = 5

class Failure(Exception):
    """Something that makes a measurement impossible; the text says what."""


class ServerFixture:
    """A temporary folder and the processes started in it."""

    def __init__(self):
        self._exits = contextlib.ExitStack()
        self.folder = tempfile.mkdtemp(prefix="hookline-bench-")
        self._exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("HOOKLINE_")}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._exits.close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def at_exit(self, function, *arguments, **options):
        """Calls a function at the end, before the processes started so far are stopped."""
        self._exits.callback(function, *arguments, **options)

    def start(self, name, arguments, ready):
        """Starts a program and waits until something accepts connections at `ready`, a socket path or a port; None =
        does not wait.
        """
        log = self.path(name + ".log")
        with open(log, "wb") as output:
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.environment,
                start_new_session=True)
        self._exits.callback(_stop, process)
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while ready is not None and not _accepts(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                with open(log, encoding="utf-8", errors="replace") as text:
                    raise Failure(f"{name} does not start ({' '.join(arguments)}):\n{text.read()[-2000:]}")
            time.sleep(0.02)
        return process

    def run(self, arguments, timeout=600, **options):
        """Runs a command to its end and returns what it printed."""
        try:
            return subprocess.run(
                arguments, env=self.environment, check=True, capture_output=True, text=True, timeout=timeout, **options
            ).stdout
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{' '.join(arguments)} takes longer than {timeout} s") from error
        except subprocess.CalledProcessError as error:
            output = (error.stdout + error.stderr)[-2000:]
            raise Failure(f"{' '.join(arguments)} ends with {error.returncode}:\n{output}") from error

    def start_redis(self, name="redis"):
        """A Redis without persistence; returns the path of its socket."""
        path = self.path(name + ".sock")
        self.start(
            name,
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no",
             "--dir", self.folder],
            path)
        return path


def _accepts(ready):
    family = socket.AF_UNIX if isinstance(ready, str) else socket.AF_INET
    address = ready if isinstance(ready, str) else ("127.0.0.1", ready)
    with socket.socket(family) as connection:
        connection.settimeout(1)
        try:
            connection.connect(address)
            return True
        except OSError:
            return False


def _stop(process):
    """Asks the process to end; when it does not, ends it with all of its own session."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_DEADLINE_SECONDS)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
