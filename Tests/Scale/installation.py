"""A large installation of the original: its rows by number, as SQL that fills the tables and as Python that names them.

Everything follows from numbers that begin with 1: app 7 has the slug app-7, user 7 has token 7.
"""

import hashlib
import os
import re
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLES = os.path.join(ROOT, "Tests", "TestSupport", "PostgreSQL", "tables-23.7.1.sql")
RIGHTS = os.path.join(ROOT, "conf", "postgresql", "role.sql")
PASSWORD_HASH = "pbkdf2_sha256$1$salt$hash"
DATE = "'2023-07-20 09:30:00+00'::timestamptz"
FILLING = (
    "SET maintenance_work_mem = '256MB'", "SET synchronous_commit = off", "SET search_path = public",
)
PUBLISHED, STATUSES = 1, 3
TEAMS_OF_ORGANIZATION = 5
PROJECTS_OF_ORGANIZATION = 10
# Each further installation of an app is so many organizations away from the one before.
STRIDE = 37


@dataclass(frozen=True)
class Installation:
    """How many rows there are, and what is in them."""

    apps: int
    organizations: int
    members: int
    tokens: int
    installations: int

    def owner(self, app):
        """The organization that owns an app."""
        return 1 + (app - 1) % self.organizations

    def installing(self, app):
        """The organization of an app's second installation; the first is in the owner."""
        return 1 + (self.owner(app) - 1 + STRIDE) % self.organizations

    def members_of(self, organization):
        """The users who are members of an organization and have a token; each user is a member of one."""
        return range(organization, min(self.members, self.user_tokens) + 1, self.organizations)

    @property
    def user_tokens(self):
        """How many tokens users have; behind these are those of the apps, one for each."""
        return self.tokens - self.apps

    @staticmethod
    def user_token(user):
        """A token of a user who has one."""
        return _token(user)

    def app_token(self, app):
        """The token of an app's proxy user."""
        return _token(self.user_tokens + app)

    @property
    def problem(self):
        """Why there is no such installation; None = there is."""
        if min(self.apps, self.organizations) < 2:
            return "there must be two apps and two organizations at least"
        if self.members < self.organizations or self.user_tokens < self.organizations:
            return "each organization needs a member with a token, and each app a token"
        if self.installations < 2 * self.apps:
            return "each app must have two installations at least"
        return None

    @staticmethod
    def slug(app):
        return f"app-{app}"

    @staticmethod
    def organization_slug(organization):
        return f"organization-{organization}"

    @staticmethod
    def key(organization):
        """The API key of an organization."""
        return hashlib.md5(f"key {organization}".encode()).hexdigest()

    @staticmethod
    def is_published(app):
        return app % STATUSES == PUBLISHED

    def fill(self, server, migrate):
        """Makes the tables and fills them; `migrate` makes the schema `hookline`.

        Indexes and foreign keys are made last: that is quicker, and the keys check the rows.
        """
        with open(TABLES, encoding="utf-8") as file:
            statements = re.sub(r"^--.*\n", "", file.read(), flags=re.MULTILINE).split(";\n")
        tables = [text for text in statements if text.lstrip().startswith("CREATE TABLE")]
        others = [text for text in statements if text.strip() and text not in tables]
        server.run(*tables)
        migrate()
        server.run(*FILLING, *self._statements())
        server.run(*FILLING, *others)
        server.run_file(RIGHTS)
        server.run("ANALYZE")

    def _statements(self):
        yield from self._organizations()
        yield from self._users()
        yield from self._members()
        yield from self._apps()
        yield from self._installations()
        yield from self._credentials()

    def _organizations(self):
        yield f"""
            INSERT INTO sentry_organization (id, name, slug, status, date_added, default_role, flags)
            SELECT n, 'Organization ' || n, 'organization-' || n, 0, {DATE}, 'member', 1
            FROM generate_series(1, {self.organizations}) n"""
        yield f"""
            INSERT INTO sentry_organizationmapping
                (organization_id, slug, name, date_created, verified, idempotency_key, region_name, status)
            SELECT id, slug, name, {DATE}, true, '', '--monolith--', 0 FROM sentry_organization"""
        yield f"""
            INSERT INTO sentry_team (id, slug, name, status, organization_id, org_role)
            SELECT n, 'team-' || n, 'Team', 0, 1 + (n - 1) % {self.organizations},
                CASE WHEN n % 7 = 0 THEN 'manager' END
            FROM generate_series(1, {self.organizations * TEAMS_OF_ORGANIZATION}) n"""
        yield f"""
            INSERT INTO sentry_project (id, slug, name, public, date_added, status, organization_id)
            SELECT n, 'project-' || n, 'Project', false, {DATE}, 0, 1 + (n - 1) % {self.organizations}
            FROM generate_series(1, {self.organizations * PROJECTS_OF_ORGANIZATION}) n"""

    def _users(self):
        """Members, and behind them the proxy users of the apps. An ordinary user has NULL, not false."""
        yield f"""
            INSERT INTO auth_user (id, password, username, first_name, email, is_staff, is_active, is_superuser,
                is_managed, is_sentry_app, is_password_expired, date_joined)
            SELECT n, CASE WHEN n <= {self.members} THEN '{PASSWORD_HASH}' ELSE '' END, 'user-' || n, 'User',
                'user-' || n || '@example.test', false, true, false, false,
                CASE WHEN n > {self.members} THEN true END, false, {DATE}
            FROM generate_series(1, {self.members + self.apps}) n"""

    def _members(self):
        role = f"(ARRAY['owner', 'member', 'admin', 'manager'])[1 + (n - 1) / {self.organizations} % 4]"
        yield f"""
            INSERT INTO sentry_organizationmember
                (id, role, flags, date_added, has_global_access, type, organization_id, user_id, invite_status)
            SELECT n, {role}, 0, {DATE}, true, 50, 1 + (n - 1) % {self.organizations}, n, 0
            FROM generate_series(1, {self.members}) n"""
        yield """
            INSERT INTO sentry_organizationmembermapping
                (organization_id, date_added, role, invite_status, user_id, organizationmember_id)
            SELECT organization_id, date_added, role, 0, user_id, id FROM sentry_organizationmember"""
        yield f"""
            INSERT INTO sentry_organizationmember_teams (is_active, organizationmember_id, team_id)
            SELECT true, n, 1 + (n - 1) % {self.organizations * TEAMS_OF_ORGANIZATION}
            FROM generate_series(1, {self.members}) n"""

    def _apps(self):
        numbers = f"FROM generate_series(1, {self.apps}) n"
        yield f"""
            INSERT INTO sentry_apiapplication
                (id, client_id, client_secret, name, status, redirect_uris, date_added, owner_id)
            SELECT n, md5('client ' || n) || md5('id'), md5('secret ' || n) || md5('secret'), 'App ' || n, 0, '',
                {DATE}, {self.members} + n
            {numbers}"""
        yield f"""
            INSERT INTO sentry_sentryapp (id, scopes, scope_list, name, slug, status, uuid, webhook_url, is_alertable,
                events, schema, date_added, date_updated, application_id, owner_id, proxy_user_id, verify_install,
                popularity)
            SELECT n, 0, ARRAY['org:read', 'event:read'], 'App ' || n, 'app-' || n, n % {STATUSES},
                md5('app ' || n)::uuid::text, 'https://hooks.example.test/' || n, true,
                ARRAY['issue.created', 'issue.resolved'], '{{"elements":[]}}', {DATE}, {DATE}, n,
                1 + (n - 1) % {self.organizations}, {self.members} + n, true, 1
            {numbers}"""
        yield f"""
            INSERT INTO sentry_sentryappcomponent (uuid, type, schema, sentry_app_id)
            SELECT gen_random_uuid(), type, '{{}}', n
            {numbers} CROSS JOIN unnest(ARRAY['issue-link', 'stacktrace-link']) type"""
        yield f"""
            INSERT INTO sentry_sentryappavatar (ident, sentry_app_id, color, avatar_type)
            SELECT md5('avatar ' || n), n, true, 0 {numbers}"""
        yield f"""
            INSERT INTO sentry_integrationfeature (target_id, target_type, feature, date_added)
            SELECT n, 0, 0, {DATE} {numbers}"""
        yield f"INSERT INTO hookline.app_settings (app_id, webhook_timeout_ms) SELECT n, 3000 {numbers}"
        yield f"INSERT INTO hookline.app_headers (app_id, position, name, value) SELECT n, 0, 'X-App', 'a' {numbers}"

    def _installations(self):
        yield f"""
            INSERT INTO sentry_sentryappinstallation
                (id, uuid, date_added, date_updated, organization_id, sentry_app_id, status)
            SELECT n, md5('installation ' || n)::uuid::text, {DATE}, {DATE},
                1 + ((n - 1) % {self.apps} + (n - 1) / {self.apps} * {STRIDE}) % {self.organizations},
                1 + (n - 1) % {self.apps}, 1
            FROM generate_series(1, {self.installations}) n"""
        yield f"""
            INSERT INTO sentry_servicehook (guid, actor_id, installation_id, organization_id, url, secret, events,
                status, version, date_added, application_id)
            SELECT md5('hook ' || id), id, id, organization_id, 'https://hooks.example.test/' || sentry_app_id,
                md5('secret') || md5('hook'), ARRAY['issue.created', 'issue.resolved'], 0, 0, {DATE}, sentry_app_id
            FROM sentry_sentryappinstallation"""

    def _credentials(self):
        """Tokens are in clear, as release 23.7.1 has them."""
        yield f"""
            INSERT INTO sentry_apitoken (id, scopes, scope_list, token, date_added, user_id)
            SELECT n, 0, ARRAY['org:read', 'event:read'], md5('token ' || n) || md5('clear'), {DATE},
                CASE WHEN n > {self.user_tokens} THEN {self.members} + n - {self.user_tokens}
                    ELSE 1 + (n - 1) % {self.members} END
            FROM generate_series(1, {self.tokens}) n"""
        yield """
            INSERT INTO hookline.token_details (token_id, name) SELECT id, 'token ' || id FROM sentry_apitoken"""
        yield f"""
            INSERT INTO sentry_apikey (organization_id, label, key, scopes, scope_list, status, date_added)
            SELECT id, 'Default', md5('key ' || id), 0, ARRAY['org:read'], 0, {DATE} FROM sentry_organization"""
        yield f"""
            INSERT INTO sentry_orgauthtoken (organization_id, token_hashed, name, scope_list, date_added)
            SELECT id, md5('organization ' || id) || md5('hash'), 'Token', ARRAY['org:ci'], {DATE}
            FROM sentry_organization"""


def _token(number):
    first, second = (hashlib.md5(text.encode()).hexdigest() for text in (f"token {number}", "clear"))
    return first + second
