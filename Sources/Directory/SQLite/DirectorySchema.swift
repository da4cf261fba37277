/// The tables of the embedded directory and their migrations.
///
/// `PRAGMA user_version` is the count of migrations applied to a file. Times are microseconds since 1970 (UTC). Lists
/// (events, scopes, origins, roles) are strings with single spaces between the words: they are only read as a whole.
enum DirectorySchema {
    /// The version this program reads and writes.
    static var version: Int { migrations.count }

    /// Migration `n` leads from version `n` to `n + 1`. Entries are never changed, only added.
    static let migrations: [String] = [version1, version2, version3, version4, version5, version6, version7]

    private static let version1 = """
        CREATE TABLE organizations (
            id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE users (
            id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT NOT NULL, name TEXT NOT NULL,
            is_active INTEGER NOT NULL, is_superuser INTEGER NOT NULL, is_sentry_app INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX users_email ON users (email COLLATE NOCASE);

        CREATE TABLE memberships (
            user_id INTEGER NOT NULL REFERENCES users, organization_id INTEGER NOT NULL REFERENCES organizations,
            role TEXT NOT NULL, team_roles TEXT NOT NULL,
            PRIMARY KEY (user_id, organization_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX memberships_organization ON memberships (organization_id);

        CREATE TABLE apps (
            id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            owner_id INTEGER NOT NULL REFERENCES organizations, status INTEGER NOT NULL, uuid TEXT NOT NULL UNIQUE,
            author TEXT, overview TEXT, webhook_url TEXT, redirect_url TEXT,
            is_alertable INTEGER NOT NULL, verify_install INTEGER NOT NULL, events TEXT NOT NULL, scopes TEXT NOT NULL,
            schema TEXT NOT NULL, popularity INTEGER NOT NULL, proxy_user_id INTEGER REFERENCES users,
            client_id TEXT NOT NULL, client_secret TEXT NOT NULL, allowed_origins TEXT NOT NULL,
            date_added INTEGER NOT NULL, date_published INTEGER, date_deleted INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX apps_proxy_user ON apps (proxy_user_id);
        CREATE INDEX apps_owner ON apps (owner_id);

        CREATE TABLE app_avatars (
            app_id INTEGER NOT NULL REFERENCES apps, position INTEGER NOT NULL, type TEXT NOT NULL,
            uuid TEXT NOT NULL, is_color INTEGER NOT NULL,
            PRIMARY KEY (app_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE app_features (
            app_id INTEGER NOT NULL REFERENCES apps, position INTEGER NOT NULL, id INTEGER NOT NULL,
            gate TEXT NOT NULL, description TEXT NOT NULL,
            PRIMARY KEY (app_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE components (
            id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps, position INTEGER NOT NULL,
            type TEXT NOT NULL, schema TEXT NOT NULL,
            UNIQUE (app_id, position)
        ) STRICT;

        CREATE TABLE installations (
            id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps,
            organization_id INTEGER NOT NULL REFERENCES organizations, uuid TEXT NOT NULL UNIQUE,
            status INTEGER NOT NULL, date_added INTEGER NOT NULL, date_deleted INTEGER
        ) STRICT;
        CREATE INDEX installations_dates ON installations (app_id, date_added, date_deleted);
        CREATE INDEX installations_present ON installations (app_id, organization_id) WHERE date_deleted IS NULL;
        CREATE INDEX installations_organization ON installations (organization_id);

        CREATE TABLE service_hooks (
            id INTEGER PRIMARY KEY, installation_id INTEGER NOT NULL REFERENCES installations,
            organization_id INTEGER NOT NULL REFERENCES organizations, url TEXT NOT NULL, events TEXT NOT NULL
        ) STRICT;
        CREATE INDEX service_hooks_installation ON service_hooks (installation_id);
        CREATE INDEX service_hooks_organization ON service_hooks (organization_id);

        CREATE TABLE projects (
            id INTEGER PRIMARY KEY, slug TEXT NOT NULL, organization_id INTEGER NOT NULL REFERENCES organizations,
            UNIQUE (organization_id, slug)
        ) STRICT;

        CREATE TABLE service_hook_projects (
            service_hook_id INTEGER NOT NULL REFERENCES service_hooks, project_id INTEGER NOT NULL REFERENCES projects,
            PRIMARY KEY (service_hook_id, project_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX service_hook_projects_project ON service_hook_projects (project_id);

        CREATE TABLE issue_events (
            project_id INTEGER NOT NULL REFERENCES projects, event_id TEXT NOT NULL, group_id INTEGER,
            PRIMARY KEY (project_id, event_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE api_tokens (
            id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES users,
            scopes TEXT NOT NULL, name TEXT NOT NULL, date_added INTEGER NOT NULL, expires_at INTEGER,
            allowed_origins TEXT
        ) STRICT;
        CREATE INDEX api_tokens_user ON api_tokens (user_id);

        CREATE TABLE audit_entries (
            id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL REFERENCES organizations, event INTEGER NOT NULL,
            actor_id INTEGER REFERENCES users, actor_label TEXT NOT NULL, target_object INTEGER, data TEXT NOT NULL,
            date INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX audit_entries_organization ON audit_entries (organization_id, date);
        CREATE INDEX audit_entries_actor ON audit_entries (actor_id);
        """

    /// The app columns that delivery needs, and the notices of disablements whose follow-up is not done yet.
    ///
    /// An app is disabled while `disabled_at` is set; `disabled_events` then has its former subscriptions. A notice's
    /// id is never reused (`AUTOINCREMENT`): keys are made from it.
    private static let version2 = """
        ALTER TABLE apps ADD COLUMN webhook_timeout_ms INTEGER;
        ALTER TABLE apps ADD COLUMN disabled_at INTEGER;
        ALTER TABLE apps ADD COLUMN disabled_reason TEXT;
        ALTER TABLE apps ADD COLUMN disabled_events TEXT;

        CREATE TABLE app_headers (
            app_id INTEGER NOT NULL REFERENCES apps, position INTEGER NOT NULL, name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (app_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE disabling_notices (
            id INTEGER PRIMARY KEY AUTOINCREMENT, app_id INTEGER NOT NULL REFERENCES apps,
            organization_id INTEGER NOT NULL REFERENCES organizations, reason TEXT NOT NULL, date INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX disabling_notices_app ON disabling_notices (app_id);
        CREATE INDEX disabling_notices_organization ON disabling_notices (organization_id);

        DROP INDEX service_hooks_installation;
        CREATE INDEX service_hooks_installation ON service_hooks (installation_id, organization_id);
        """

    /// When each row was last added, changed or removed, by its kind and key in a directory document.
    private static let version3 = """
        CREATE TABLE row_changes (
            kind TEXT NOT NULL, key TEXT NOT NULL, changed_at INTEGER NOT NULL,
            PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;
        """

    /// The audit log without references: its entries outlive the organizations and users that they name.
    private static let version4 = """
        CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, event INTEGER NOT NULL, actor_id INTEGER,
            actor_label TEXT NOT NULL, target_object INTEGER, data TEXT NOT NULL, date INTEGER NOT NULL
        ) STRICT;
        INSERT INTO audit_log SELECT id, organization_id, event, actor_id, actor_label, target_object, data, date
            FROM audit_entries;
        DROP TABLE audit_entries;
        ALTER TABLE audit_log RENAME TO audit_entries;
        DELETE FROM row_changes WHERE kind = 'audit_entries';
        """

    /// The settings of an app that Hookline keeps in every store: policy and previous secrets, and targets, which no
    /// version has read.
    private static let version5 = """
        ALTER TABLE apps ADD COLUMN delivery_policy TEXT CHECK (delivery_policy IN ('sentry', 'standard'));

        CREATE TABLE previous_secrets (
            app_id INTEGER NOT NULL REFERENCES apps, position INTEGER NOT NULL,
            secret TEXT NOT NULL CHECK (secret <> ''), valid_until INTEGER NOT NULL,
            PRIMARY KEY (app_id, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE app_targets (
            id INTEGER PRIMARY KEY AUTOINCREMENT, app_id INTEGER NOT NULL REFERENCES apps,
            url TEXT NOT NULL CHECK (url LIKE 'http://%' OR url LIKE 'https://%'), events TEXT NOT NULL DEFAULT '',
            path_filter TEXT CHECK (path_filter LIKE '/%'),
            timeout_ms INTEGER CHECK (timeout_ms BETWEEN 1 AND 600000), headers TEXT NOT NULL DEFAULT '',
            is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1))
        ) STRICT;
        CREATE INDEX app_targets_app ON app_targets (app_id);
        """

    /// The private key of Ed25519 of an app.
    private static let version6 = """
        ALTER TABLE apps ADD COLUMN signing_key TEXT CHECK (signing_key <> '');
        """

    /// The targets of a relay as one text, which may be encrypted. It replaces a table that nothing has used.
    private static let version7 = """
        ALTER TABLE apps ADD COLUMN relay_targets TEXT CHECK (relay_targets <> '');
        DROP TABLE app_targets;
        """
}
