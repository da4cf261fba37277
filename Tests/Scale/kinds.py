"""The kinds of requests: how each is asked, its status, and the look-ups that it needs."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from installation import PASSWORD_HASH
from session_cookie import NAME, session_cookie

SECRET = "a-secret-of-the-test"
UNKNOWN_TOKEN = "0" * 64
COPIES = "member-copy organization-copy"


@dataclass(frozen=True)
class Kind:
    """A kind of request.

    `look_ups` names the rows that are looked up, one statement each. `question` makes from an app's number what follows
    the app's slug in the path, and the headers.
    """

    name: str
    status: int
    look_ups: str
    question: Callable[[int], tuple[str, dict[str, str]]]
    is_about: Callable[[int], bool] = lambda app: True
    slug: Callable[[int], str] | None = None

    @property
    def statements(self):
        return len(self.look_ups.split())


class Asker:
    """Makes parameters of FastCGI requests about an installation."""

    def __init__(self, installation, source):
        self.installation = installation
        self.source = source

    def parameters(self, kind, app):
        suffix, headers = kind.question(app)
        slug = (kind.slug or self.installation.slug)(app)
        path = f"/api/0/sentry-apps/{slug}/{suffix}"
        return {
            "REQUEST_METHOD": "GET", "REQUEST_URI": path, "QUERY_STRING": path.partition("?")[2],
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "hookline.example", "HTTP_ACCEPT": "application/json",
            **headers,
        }

    def kinds(self):
        """All kinds. The log has one row, of an organization that has installed the app."""
        member, outsider = self._member, self._outsider
        return [
            Kind("log, member's session", 200, "session app owner membership row-organization",
                 lambda app: ("requests/", _session(member(app)))),
            Kind("log, outsider's session", 403, "session app owner membership",
                 lambda app: ("requests/", _session(outsider(app)))),
            Kind("log, member's token", 200, "token user app owner membership row-organization",
                 lambda app: ("requests/", self._token(member(app)))),
            Kind("log, outsider's token", 403, "token user app owner membership",
                 lambda app: ("requests/", self._token(outsider(app)))),
            Kind("log, app's own token", 200, "token user app owner proxy-app installation row-organization",
                 lambda app: ("requests/", _bearer(self.installation.app_token(app)))),
            Kind("log, owner's API key", 200, "key app owner row-organization",
                 lambda app: ("requests/", self._key(self.installation.owner(app)))),
            Kind("log, another's API key", 403, "key app owner",
                 lambda app: ("requests/", self._key(self.installation.installing(app)))),
            Kind("log of an organization", 200, "session app owner membership organization row-organization",
                 lambda app: (f"requests/?organizationSlug={self._installing_slug(app)}", _session(member(app)))),
            Kind("log, unknown slug", 404, "session app",
                 lambda app: ("requests/", _session(member(app))), slug=lambda app: f"unknown-{app}"),
            Kind("log, unknown token", 401, "token", lambda app: ("requests/", _bearer(UNKNOWN_TOKEN))),
            Kind("log, unknown user's session", 401, "session",
                 lambda app: ("requests/", _session(1 << 40 | app))),
            Kind("stats, member's session", 200, "session app owner membership installations",
                 lambda app: ("stats/", _session(member(app)))),
            Kind("interaction, member's session", 200, "session app owner membership components",
                 lambda app: ("interaction/", _session(member(app)))),
            # The permission of an app that is not published, and then the page, look up the same.
            Kind("details, published app", 200, f"session app owner {COPIES} organization-copy membership",
                 lambda app: ("", _session(member(app))), is_about=self.installation.is_published),
            Kind("details, hidden app", 200,
                 f"session app owner {COPIES} membership {COPIES} organization-copy membership",
                 lambda app: ("", _session(member(app))), is_about=self._is_hidden),
            Kind("details, outsider, published app", 200, "token user app owner member-copy",
                 lambda app: ("", self._token(outsider(app))), is_about=self.installation.is_published),
            Kind("details, outsider, hidden app", 404, "token user app owner member-copy",
                 lambda app: ("", self._token(outsider(app))), is_about=self._is_hidden),
        ]

    def _is_hidden(self, app):
        return not self.installation.is_published(app)

    def _member(self, app):
        """A random member of the owner."""
        return self._user(self.installation.owner(app))

    def _outsider(self, app):
        """A random member of another organization."""
        count = self.installation.organizations
        return self._user(1 + (self.installation.owner(app) + self.source.randrange(count - 1)) % count)

    def _user(self, organization):
        return self.source.choice(self.installation.members_of(organization))

    def _token(self, user):
        return _bearer(self.installation.user_token(user))

    def _key(self, organization):
        credentials = base64.b64encode(f"{self.installation.key(organization)}:".encode()).decode()
        return {"HTTP_AUTHORIZATION": f"Basic {credentials}"}

    def _installing_slug(self, app):
        return self.installation.organization_slug(self.installation.installing(app))


def _session(user):
    return {"HTTP_COOKIE": f"{NAME}={session_cookie(SECRET, user, PASSWORD_HASH)}"}


def _bearer(token):
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}
