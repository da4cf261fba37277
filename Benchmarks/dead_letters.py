"""What Redis does for one diagnosis (`why/`) of an app while other apps have many dead letters."""

import datetime
import json
import re
import socket

import grown
import sample
from front import Front
from measure import Target, ask
from report import Row
from responders import import_directory

COUNT = 100_000
OTHER_APP_ID = 7
ROUNDS = 5
LIMIT_MILLISECONDS = 5
SHARD = "hookline:{queue:events:0}:"
FILL = """
for i = ARGV[1], ARGV[1] + 999 do
    local id = string.format('%032x', i)
    local time = tostring(ARGV[2] + i)
    redis.call('HSET', KEYS[2], id, cmsgpack.pack({
        'id', id, 'app', ARGV[3], 'event', 'issue.created', 'attempt', '4', 'enqueued', time, 'due', time,
        'payload', string.rep('x', 500), 'buried', time, 'reason', 'attempt 4 of 4 failed: 503'}))
    redis.call('ZADD', KEYS[1], time, id .. ':' .. ARGV[3])
    redis.call('ZADD', KEYS[3], 0, string.format('%s:%020.0f:%s', ARGV[3], time, id))
end
return redis.status_reply('OK')
"""


def rows(fixture, starter):
    """The time that Redis spends in commands and scripts for one request, by its own statistics."""
    redis = fixture.start_redis("redis-dead-letters")
    _fill(redis)
    document = grown.directory_document([grown.slug("app", 1)])
    directory = import_directory(fixture, starter.programs, document, "dead-letters")
    responder = starter.hookline("dead-letters", redis, directory)
    front = Front(fixture, "dead-letters", [responder])
    url = f"{front.address(responder)}/api/0/sentry-apps/{grown.slug('app', 1)}/why/?eventType=issue.created"
    target = Target(url, responder.pids)
    _, body = ask(target)
    if not any(step["step"] == "dead letters" for step in json.loads(body)["steps"]):
        raise RuntimeError(f"{url} says nothing about dead letters: {body[:500]!r}")
    times = []
    for _ in range(ROUNDS):
        _command(redis, "CONFIG", "RESETSTAT")
        ask(target)
        times.append(_milliseconds(_command(redis, "INFO", "commandstats")))
    limits = tuple(time / LIMIT_MILLISECONDS for time in times)
    return [
        Row(
            f"why, {COUNT} dead letters of another app", "limit", sorted(times)[ROUNDS // 2], LIMIT_MILLISECONDS,
            "ms of Redis", limit=1, is_maximum=True, round_ratios=limits)
    ]


def _fill(redis):
    start = int(datetime.datetime.now(datetime.UTC).timestamp() * 1e6) - COUNT
    keys = [SHARD + name for name in ("dead", "dead-entries", "dead-by-app")]
    for first in range(0, COUNT, 1000):
        _command(redis, "EVAL", FILL, "3", *keys, str(first), str(start), str(OTHER_APP_ID))


def _milliseconds(statistics):
    """A script's time contains that of its commands, which are listed as well."""
    times = dict(re.findall(r"cmdstat_([\w|]+):calls=\d+,usec=(\d+)", statistics))
    scripts = sum(int(times.get(name, 0)) for name in ("eval", "evalsha"))
    plain = sum(int(times.get(name, 0)) for name in ("lrange", "hmget"))
    return (scripts + plain) / 1000


def _command(redis, *arguments):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(redis)
        connection.sendall(sample.command(*arguments))
        with connection.makefile("rb") as file:
            line = file.readline()
            if line.startswith(b"-"):
                raise RuntimeError(f"Redis answers {line!r} to {arguments[0]}")
            return file.read(int(line[1:])).decode() if line.startswith(b"$") else line.decode()
