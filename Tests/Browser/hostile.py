"""Events and responses with content that could harm a page: markup, scripts, characters that cannot be seen or reorder
text, invalid UTF-8, and texts that are long or deep. A seed and a number make up each of them."""

import json
import random

from receiver import response

# Calls of alert() are recorded by the test.
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"><svg onload=alert(3)>", "</pre></td></table><h1>",
    "<iframe srcdoc='<script>parent.alert(4)</script>'>", "javascript:alert(5)", "<style>*{display:none}</style>",
    "<!--", "]]>", "&lt;&#x3c;&amp;", "${alert(6)}", "{{constructor.constructor('alert(7)')()}}", "<base href=//x>",
    "<form action=//x><button autofocus onfocus=alert(8)>", "<meta http-equiv=refresh content=0>", "'-alert(9)-'",
]
CONTROLS = "".join(map(chr, [*range(1, 32), *range(127, 160)]))
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u2028\u2029\u061c\U000e0041\ufff9\u115f"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
MARKS = "a" + "\u0301\u0323\u20dd\u0489" * 40
WIDE = ["\ufdfd", "\u0645\u0631\u062d\u0628\u0627", "\u05d0\u05d1\u05d2", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u4e2d" * 50, "\u2003" * 20, MARKS]
TERMINAL = ["\u001b[2J\u001b[31m", "\u001b]0;title\u0007", "\u009b31m", "\b" * 20, "\r"]
# Besides letters and digits, in a name of a header.
NAME_CHARACTERS = "!#$%&'*+-.^_`|~"
DEEPEST_EVENT = 55


class Hostile:
    """One event, and the responses to its attempts."""

    def __init__(self, seed, number):
        self.random = random.Random(f"{seed}/{number}")
        self.number = number
        # In both bodies.
        self.token = f"token-{number}-"
        kinds = sorted(name for name in dir(self) if name.startswith("body_"))
        self.kind = kinds[number % len(kinds)].removeprefix("body_")
        self.data = {"token": self.token, **self.members()}
        self.responses = [self.answer(self.random.choice([200, 201, 202, 203, 206, 207, 226, 299]))]
        if self.random.random() < 0.2:
            self.responses.insert(0, self.failure())

    def text(self):
        """A short text of one of the kinds."""
        some = self.random.sample
        return self.random.choice([
            lambda: self.random.choice(MARKUP), lambda: "".join(some(CONTROLS, 8)), lambda: "".join(some(INVISIBLE, 6)),
            lambda: f"user{''.join(some(BIDI, 3))}gpj.exe", lambda: self.random.choice(WIDE),
            lambda: self.random.choice(TERMINAL), lambda: "x" * self.random.choice([200, 3000]),
            lambda: "\0a\0", lambda: "\ufffd\ufffe\uffff",
        ])()

    def texts(self, count):
        return " ".join(self.text() for _ in range(count))

    def members(self):
        """Of the event's data. Only some are long: all are stored."""
        nested = self.text()
        for _ in range(self.random.choice([1, 5, DEEPEST_EVENT])):
            nested = [nested] if self.random.random() < 0.5 else {self.text(): nested}
        members = {self.text(): self.text(), "nested": nested, "surrogate": "\ud800", "number": 10**40}
        if self.random.random() < 0.05:
            members["long"] = self.random.choice(["x", "\u202e", "<b>", "\n", " "]) * 30_000
        return members

    def headers(self):
        names = ["".join(self.random.choices(NAME_CHARACTERS, k=self.random.choice([1, 20]))) for _ in range(3)]
        values = [self.text().replace("\0", "").replace("\r", "").replace("\n", "") for _ in names]
        encoding = self.random.choice(["utf-8", "utf-16-le"])
        pairs = [(f"X-{name}", value.encode(encoding, "replace").translate(None, b"\0\r\n"))
                 for name, value in zip(names, values, strict=True)]
        if self.random.random() < 0.1:
            pairs += [("X-Many", str(number)) for number in range(300)]
        if self.random.random() < 0.1:
            pairs += [("X-Huge", "v" * 20_000)]
        return [("Content-Type", "text/html"), ("Set-Cookie", "secret"), *pairs]

    def answer(self, status):
        body = getattr(self, f"body_{self.kind}")()
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogatepass")
        return response(status, body, self.headers())

    def failure(self):
        """The response to the first attempt. The next attempt follows after a second."""
        return self.random.choice([
            lambda: self.answer(self.random.choice([300, 399, 400, 418, 451, 499, 500, 599, 999])),
            lambda: b"HTTP/1.1 <script>alert(1)</script>\r\n\r\n", lambda: b"\x16\x03\x01\0<img src=x>\r\n\r\n",
            lambda: b"HTTP/1.1 200 OK\r\nX-\0: \x1b[31m\r\n\r\n", lambda: b"",
        ])()

    def body_markup(self):
        return self.token + "\n".join(MARKUP)

    def body_controls(self):
        return self.token + CONTROLS * 20 + "\0" * 20

    def body_invisible(self):
        return self.token + (INVISIBLE + "x") * 50

    def body_bidirectional(self):
        return self.token + "".join(f"{mark}abc \u05d0\u05d1 1-2" for mark in BIDI) * 20

    def body_marks(self):
        return self.token + MARKS * 40

    def body_terminal(self):
        return self.token + "\n".join(TERMINAL) * 20

    def body_mixture(self):
        return self.token + self.texts(50)

    def body_long_line(self):
        return self.token + self.random.choice(["x", "\u202e", "\u4e2d", "<i>", "[", "\U0001f600"]) * 350_000

    def body_many_lines(self):
        return self.token + "\n" * 50_000 + "\r\n" * 1000

    def body_invalid_utf8(self):
        return self.token.encode() + self.random.randbytes(4000) + b"\xff\xfe\xc0\xaf\xed\xa0\x80" * 20

    def body_half_a_character(self):
        # The limit of what is kept is in the middle of a character.
        return self.token + "y" * self.random.randrange(4) + "\U0001f600" * 5000

    def body_json(self):
        return json.dumps({"token": self.token, **{self.text(): self.text() for _ in range(20)}})

    def body_plain_json(self):
        return json.dumps({"token": self.token, "a": self.texts(20)}, ensure_ascii=False)

    def body_deep_json(self):
        depth = self.random.choice([100, 5000])
        return f'{{"token":"{self.token}","a":' + "[" * depth + "]" * depth + "}"

    def body_brackets(self):
        return f'["{self.token}",' + "[{" * 4000

    def body_wide_json(self):
        return json.dumps({"token": self.token, "k" * 3000: {"v": "w" * 3000}, **{f"k{n}": n for n in range(2000)}})

    def body_numbers(self):
        return f'["{self.token}",{"9" * 5000},-0,1e999,0.{"1" * 3000}]'

    def body_escapes(self):
        return f'["{self.token}","\\u202e\\u0000\\ud800\\udc00\\udfff\\/","\\\\u202e","\\u003cscript\\u003e"]'

    def body_broken_json(self):
        return f'{{"token":"{self.token}","a":"\\' + self.texts(10)

    def body_byte_order_mark(self):
        return "\ufeff" + self.token + "\ufeff{}"
