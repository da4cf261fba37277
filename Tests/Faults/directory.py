"""The directory of the test: published apps that get all events of `EVENTS`, and the tokens of the load."""

SEND_TOKEN = "7" * 64
READ_TOKEN = "8" * 64
APPS = range(1, 9)
# No list of the log gets more rows than it keeps.
EVENTS = (
    "issue.created issue.resolved issue.ignored issue.assigned error.created comment.created comment.updated "
    "comment.deleted"
).split()


def slug(app):
    return f"faults-{app}"


def installation(app):
    return f"00000000-0000-4000-8000-{app:012d}"


def document(url):
    """The document for the import; all webhooks go to one address."""
    return {
        "organizations": [{"id": 1, "slug": "owner"}],
        "users": [{"id": 1, "username": "platform"}, {"id": 2, "username": "reader"}],
        "memberships": [{"user_id": 2, "organization_id": 1, "role": "owner"}],
        "tokens": [
            {"token": SEND_TOKEN, "user_id": 1, "scopes": ["hookline:enqueue"]},
            {"token": READ_TOKEN, "user_id": 2, "scopes": ["org:read"]},
        ],
        "apps": [
            {
                "id": app, "slug": slug(app), "owner_id": 1, "status": "published", "webhook_url": url,
                "client_secret": "5" * 64, "events": ["issue", "error", "comment"],
            }
            for app in APPS
        ],
        "installations": [
            {"id": app, "app_id": app, "organization_id": 1, "uuid": installation(app)} for app in APPS
        ],
        "service_hooks": [
            {"id": app, "installation_id": app, "organization_id": 1, "url": url, "events": EVENTS} for app in APPS
        ],
    }
