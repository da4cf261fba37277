/// The schema `hookline`: what the original's tables have no place for.
///
/// Nothing in it refers to the original's tables by a foreign key: that would keep the original from removing rows.
enum HooklineSchema {
    /// The version this program reads and writes.
    static var version: Int { migrations.count }

    /// Migration `n` leads from version `n` to `n + 1`, statement by statement. Entries are never changed, only added.
    static let migrations: [[String]] = [version1, version2, version3, version4]

    /// The lock that a migration or an import holds alone, and other changes of the directory share: "hookline" in
    /// ASCII, so that no other program's is the same by accident.
    static let advisoryLock: Int64 = 0x686F_6F6B_6C69_6E65

    private static let version1 = [
        "CREATE SCHEMA hookline",
        // One row: the version, and whether `migrate --standalone` made the tables in the schema public.
        """
        CREATE TABLE hookline.directory (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            version integer NOT NULL,
            is_standalone boolean NOT NULL DEFAULT false
        )
        """,
        "INSERT INTO hookline.directory (version) VALUES (0)",
        // Apps that Hookline has disabled, with the subscriptions that enabling restores.
        """
        CREATE TABLE hookline.disabled_apps (
            app_id bigint PRIMARY KEY,
            disabled_at timestamptz NOT NULL,
            reason text NOT NULL,
            events text[] NOT NULL
        )
        """,
        // Disablements whose follow-up is not done yet. Ids are never given again: keys are made from them.
        """
        CREATE TABLE hookline.disabling_notices (
            id bigserial PRIMARY KEY,
            app_id bigint NOT NULL,
            organization_id bigint NOT NULL,
            reason text NOT NULL,
            date timestamptz NOT NULL
        )
        """,
        "CREATE INDEX disabling_notices_app ON hookline.disabling_notices (app_id)",
        """
        CREATE TABLE hookline.app_settings (
            app_id bigint PRIMARY KEY,
            webhook_timeout_ms integer
        )
        """,
        """
        CREATE TABLE hookline.app_headers (
            app_id bigint NOT NULL,
            position integer NOT NULL,
            name text NOT NULL,
            value text NOT NULL,
            PRIMARY KEY (app_id, position)
        )
        """,
        """
        CREATE TABLE hookline.token_details (
            token_id bigint PRIMARY KEY,
            name text NOT NULL,
            allowed_origins text[]
        )
        """,
        // When rows were last added, changed or removed, by which an import recognizes what it would undo.
        """
        CREATE TABLE hookline.row_changes (
            kind text NOT NULL,
            key text NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (kind, key)
        )
        """,
        // Entries with event numbers of Hookline's own: the original's pages fail on events that it does not know. The
        // ids are far from those of the original's log.
        "CREATE SEQUENCE hookline.audit_entries_id_seq AS bigint START 4611686018427387904",
        """
        CREATE TABLE hookline.audit_entries (
            id bigint PRIMARY KEY DEFAULT nextval('hookline.audit_entries_id_seq'),
            organization_id bigint NOT NULL,
            event integer NOT NULL,
            actor_id bigint,
            actor_label text NOT NULL,
            target_object bigint,
            data text NOT NULL,
            datetime timestamptz NOT NULL
        )
        """,
        "ALTER SEQUENCE hookline.audit_entries_id_seq OWNED BY hookline.audit_entries.id",
    ]

    private static let version2 = [
        // The app's own delivery policy; NULL for that of the deployment.
        """
        ALTER TABLE hookline.app_settings
            ADD COLUMN delivery_policy text CHECK (delivery_policy IN ('sentry', 'standard'))
        """,
        // Former client secrets that webhooks are signed with, too, the newest first.
        """
        CREATE TABLE hookline.previous_secrets (
            app_id bigint NOT NULL,
            position integer NOT NULL,
            secret text NOT NULL CHECK (secret <> ''),
            valid_until timestamptz NOT NULL,
            PRIMARY KEY (app_id, position)
        )
        """,
        // No version has read them.
        """
        CREATE TABLE hookline.app_targets (
            id bigserial PRIMARY KEY,
            app_id bigint NOT NULL,
            url text NOT NULL CHECK (url ~ '^https?://'),
            events text[] NOT NULL DEFAULT '{}',
            path_filter text CHECK (path_filter LIKE '/%'),
            timeout_ms integer CHECK (timeout_ms BETWEEN 1 AND 600000),
            headers text[] NOT NULL DEFAULT '{}',
            is_enabled boolean NOT NULL DEFAULT true
        )
        """,
        "CREATE INDEX app_targets_app ON hookline.app_targets (app_id)",
    ]

    private static let version3 = [
        // The private key of Ed25519 of an app.
        "ALTER TABLE hookline.app_settings ADD COLUMN signing_key text CHECK (signing_key <> '')"
    ]

    private static let version4 = [
        // The targets of a relay as one text, which may be encrypted. It replaces a table that no version has read.
        "ALTER TABLE hookline.app_settings ADD COLUMN relay_targets text CHECK (relay_targets <> '')",
        "DROP TABLE hookline.app_targets",
    ]
}
