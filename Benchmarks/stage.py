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

NGINX_CONFIGURATION = """
%(user)s
worker_processes 1;
daemon off;
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx.log;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path %(folder)s/nginx-body;
    fastcgi_temp_path %(folder)s/nginx-fastcgi;
    proxy_temp_path %(folder)s/nginx-proxy;
    scgi_temp_path %(folder)s/nginx-scgi;
    uwsgi_temp_path %(folder)s/nginx-uwsgi;
    keepalive_requests 1000000;
    fastcgi_buffer_size 16k;
    fastcgi_buffers 32 16k;
    fastcgi_busy_buffers_size 32k;
    fastcgi_param REQUEST_METHOD $request_method;
    fastcgi_param REQUEST_URI $request_uri;
    fastcgi_param QUERY_STRING $query_string;
    fastcgi_param CONTENT_TYPE $content_type;
    fastcgi_param CONTENT_LENGTH $content_length;
    fastcgi_param SERVER_PROTOCOL $server_protocol;
    fastcgi_param SERVER_NAME $host;
    fastcgi_param REQUEST_ID $request_id;
    fastcgi_param REMOTE_ADDR $remote_addr;
    fastcgi_param REQUEST_SCHEME https;
    fastcgi_param HTTPS on;
    fastcgi_param HTTP_PROXY "";
    fastcgi_param REMOTE_USER %(user_name)s;
%(servers)s
}
"""

NGINX_SERVER = """
    server {
        listen 127.0.0.1:%(port)d;
        location / { fastcgi_pass unix:%(socket)s; }
    }
"""


RECEIVER_CONFIGURATION = """
%(user)s
worker_processes 1;
daemon off;
pid %(folder)s/receiver.pid;
error_log %(folder)s/receiver.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path %(folder)s/receiver-body;
    keepalive_requests 100000000;
    server {
        listen 127.0.0.1:%(port)d;
        location = /status { stub_status; }
        location / { return 200; }
    }
}
"""


class Failure(Exception):
    """Something that makes a measurement impossible; the text says what."""


class Stage:
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

    def run(self, arguments, **options):
        """Runs a command to its end and returns what it printed."""
        try:
            return subprocess.run(
                arguments, env=self.environment, check=True, capture_output=True, text=True, timeout=600, **options
            ).stdout
        except subprocess.CalledProcessError as error:
            raise Failure(f"{' '.join(arguments)} ends with {error.returncode}:\n{error.stderr[-2000:]}") from error

    def start_redis(self):
        path = self.path("redis.sock")
        self.start(
            "redis",
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no",
             "--dir", self.folder],
            path)
        return path

    def start_receiver(self):
        """An nginx that answers every post with 200; returns its address."""
        port = _free_ports(1)[0]
        configuration = self.path("receiver.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(RECEIVER_CONFIGURATION % {
                "user": "user root;" if os.geteuid() == 0 else "", "folder": self.folder, "port": port,
            })
        self.start("receiver", ["nginx", "-p", self.folder, "-e", self.path("receiver.log"), "-c", configuration], port)
        return f"http://127.0.0.1:{port}"

    def start_nginx(self, sockets, user_name):
        """One nginx with a port for each responder's socket; returns the addresses in the order of the sockets."""
        ports = _free_ports(len(sockets))
        servers = "".join(NGINX_SERVER % {"port": p, "socket": s} for p, s in zip(ports, sockets))
        configuration = self.path("nginx.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(NGINX_CONFIGURATION % {
                "user": "user root;" if os.geteuid() == 0 else "",
                "folder": self.folder,
                "user_name": user_name,
                "servers": servers,
            })
        self.start("nginx", ["nginx", "-p", self.folder, "-e", self.path("nginx.log"), "-c", configuration], ports[0])
        return [f"http://127.0.0.1:{port}" for port in ports]


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


def _free_ports(count):
    with contextlib.ExitStack() as sockets:
        listeners = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def _stop(process):
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_DEADLINE_SECONDS)
