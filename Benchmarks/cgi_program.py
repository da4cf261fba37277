"""The rows of CGI: from the start of a program to the last byte of its answer."""

import json
import statistics

import sample
from reads import LOG_PATH
from report import Row
from server_fixture import Failure


def rows(fixture, programs, redis, directory, runs):
    environment = {
        "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET",
        "REQUEST_URI": LOG_PATH, "QUERY_STRING": "", "REQUEST_SCHEME": "https", "HTTPS": "on",
        "AUTH_TYPE": "Basic", "REMOTE_USER": sample.MEMBER,
        "HOOKLINE_REDIS": "unix:" + redis, "HOOKLINE_DIRECTORY": directory,
        "PEER_REDIS": redis, "PEER_APP": str(sample.APP_ID),
    }
    settings = [f"{name}={value}" for name, value in environment.items()]
    hookline = programs.path("hookline-cgi")
    _check(fixture, settings, hookline)
    compared = [hookline, programs.peer("log-cgi"), programs.peer("log-cgi-static")]
    text = fixture.run(["env", "-i", *settings, programs.peer("cgi-clock"), str(runs), *compared])
    runs_of_each = zip(*(map(float, line.split()) for line in text.splitlines()), strict=False)
    ours, dynamic, static = (statistics.median(times) for times in runs_of_each)
    return [
        Row("CGI, start to last byte", "C: CGI", ours, dynamic, "µs", limit=2, is_maximum=True,
            reason="Hookline is a larger program to load, and opens the directory beside Redis."),
        Row("CGI, peer linked statically", "C: CGI, static", ours, static, "µs"),
    ]


def _check(fixture, settings, program):
    answer = fixture.run(["env", "-i", *settings, program], stdin=None)
    body = answer.replace("\r\n", "\n").partition("\n\n")[2]
    if len(json.loads(body)) != 100:
        raise Failure(f"{program} as a CGI program answers:\n{answer[:500]}")
