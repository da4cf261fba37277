"""The web servers: one nginx in front of all responders, and one that receives webhooks."""

import contextlib
import os
import re
import socket
import time
import urllib.request

import sample
from server_fixture import Failure

DRAIN_DEADLINE_SECONDS = 120

# Clients that leave at the end of a load do not take their last requests with them: what the responder has been asked
# is answered, so that requests and processor time belong together.
CONFIGURATION = """
%(user)s
worker_processes 1;
daemon off;
pid %(folder)s/%(name)s.pid;
error_log %(folder)s/%(name)s.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path %(folder)s/%(name)s-body;
    fastcgi_temp_path %(folder)s/%(name)s-fastcgi;
    proxy_temp_path %(folder)s/%(name)s-proxy;
    scgi_temp_path %(folder)s/%(name)s-scgi;
    uwsgi_temp_path %(folder)s/%(name)s-uwsgi;
    keepalive_requests 100000000;
    map $http_x_bench_user $bench_user { default %(member)s; ~. $http_x_bench_user; }
    fastcgi_ignore_client_abort on;
    fastcgi_read_timeout 120s;
    fastcgi_buffer_size 16k;
    fastcgi_buffers 32 16k;
    fastcgi_busy_buffers_size 32k;
    fastcgi_max_temp_file_size 0;
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
    fastcgi_param AUTH_TYPE nginx;
    fastcgi_param REMOTE_USER $bench_user;
    fastcgi_param HTTP_COOKIE $http_cookie if_not_empty;
    fastcgi_param SCRIPT_FILENAME $bench_script;
    proxy_ignore_client_abort on;
    proxy_read_timeout 120s;
    proxy_buffer_size 16k;
    proxy_buffers 32 16k;
    proxy_busy_buffers_size 32k;
    proxy_max_temp_file_size 0;
    proxy_set_header Host $host;
    proxy_set_header X-Remote-User $bench_user;
    server {
        listen 127.0.0.1:%(status_port)d;
        location = /status { stub_status; }
    }
%(servers)s
}
"""

FASTCGI_SERVER = """
    server {
        listen 127.0.0.1:%(port)d;
        set $bench_script "%(script)s";
        location / { fastcgi_pass unix:%(socket)s; }
    }
"""

HTTP_SERVER = """
    server {
        listen 127.0.0.1:%(port)d;
        set $bench_script "";
        location / { proxy_pass http://unix:%(socket)s; }
    }
"""

RECEIVER_CONFIGURATION = """
%(user)s
worker_processes 1;
daemon off;
pid %(folder)s/%(name)s.pid;
error_log %(folder)s/%(name)s.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path %(folder)s/%(name)s-body;
    keepalive_requests 100000000;
    server {
        listen 127.0.0.1:%(port)d;
        location = /status { stub_status; }
        location / { return 200; }
    }
}
"""


class Front:
    """An nginx with a port for each responder; its counters tell what the responders were asked."""

    def __init__(self, fixture, name, responders):
        status_port, *ports = _free_ports(1 + len(responders))
        servers = "".join(
            (HTTP_SERVER if responder.speaks_http else FASTCGI_SERVER)
            % {"port": port, "socket": responder.socket, "script": responder.script}
            for port, responder in zip(ports, responders, strict=False)
        )
        _start_nginx(fixture, name, status_port, CONFIGURATION % {
            **_common(fixture, name), "member": sample.MEMBER, "status_port": status_port, "servers": servers,
        })
        self._addresses = {r.name: f"http://127.0.0.1:{port}" for port, r in zip(ports, responders, strict=False)}
        self._status_url = f"http://127.0.0.1:{status_port}/status"
        self._questions = 0

    def address(self, responder):
        return self._addresses[responder.name]

    def requests(self):
        """Requests so far, those for the counters taken off."""
        return self._read()[1]

    def drained_requests(self):
        """The same, as soon as no request is under way any more."""
        deadline = time.monotonic() + DRAIN_DEADLINE_SECONDS
        while True:
            connections, requests = self._read()
            if connections == 1:
                return requests
            if time.monotonic() > deadline:
                raise Failure(f"{connections - 1} connections to nginx are still there after the load")
            time.sleep(0.01)

    def _read(self):
        with urllib.request.urlopen(self._status_url, timeout=10) as answer:
            text = answer.read().decode()
        self._questions += 1
        connections = int(re.search(r"Active connections: (\d+)", text).group(1))
        return connections, int(re.search(r"\d+ \d+ (\d+)", text).group(1)) - self._questions


def start_receiver(fixture):
    """An nginx that answers every post with 200; returns its address."""
    port = _free_ports(1)[0]
    _start_nginx(fixture, "receiver", port, RECEIVER_CONFIGURATION % {**_common(fixture, "receiver"), "port": port})
    return f"http://127.0.0.1:{port}"


def _start_nginx(fixture, name, port, text):
    configuration = fixture.path(name + ".conf")
    with open(configuration, "w", encoding="utf-8") as file:
        file.write(text)
    fixture.start(
        name, ["nginx", "-p", fixture.folder, "-e", fixture.path(name + ".log"), "-c", configuration], port)


def _common(fixture, name):
    return {"user": "user root;" if os.geteuid() == 0 else "", "folder": fixture.folder, "name": name}


def _free_ports(count):
    with contextlib.ExitStack() as sockets:
        listeners = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]
