/// The tables of a stand-alone directory in the schema `public`: those of the original that Hookline reads, with the
/// columns that it reads and fills, and the same names.
///
/// Where the original's types are narrower than the values of a directory document (`varchar`, `integer`, `smallint`),
/// these are wide. Columns that the original alone needs are left out. `sentry_apitoken.token` is always NULL: tokens
/// are known by their SHA-256.
enum StandaloneTables {
    /// By table: what an earlier program may have made.
    static let tables: [(name: String, definition: String)] = [
        (
            "sentry_organization",
            "id bigint PRIMARY KEY, slug text NOT NULL UNIQUE, name text NOT NULL, status integer NOT NULL"
        ),
        (
            "auth_user",
            """
            id bigint PRIMARY KEY, username text NOT NULL UNIQUE, email text NOT NULL, first_name text NOT NULL,
            is_active boolean NOT NULL, is_superuser boolean NOT NULL, is_sentry_app boolean
            """
        ),
        (
            "sentry_organizationmember",
            """
            id bigserial PRIMARY KEY, organization_id bigint NOT NULL \(references("sentry_organization")),
            user_id bigint \(references("auth_user")), role text NOT NULL, UNIQUE (organization_id, user_id)
            """
        ),
        (
            "sentry_apiapplication",
            """
            id bigint PRIMARY KEY, client_id text NOT NULL, client_secret text NOT NULL, status integer NOT NULL,
            allowed_origins text
            """
        ),
        (
            "sentry_sentryapp",
            """
            id bigint PRIMARY KEY, slug text NOT NULL UNIQUE, name text NOT NULL,
            owner_id bigint NOT NULL \(references("sentry_organization")), status integer NOT NULL,
            uuid text NOT NULL UNIQUE, author text, overview text, webhook_url text, redirect_url text,
            is_alertable boolean NOT NULL, verify_install boolean NOT NULL, events text[], scope_list text[],
            scopes bigint NOT NULL DEFAULT 0, schema text NOT NULL, popularity bigint,
            proxy_user_id bigint UNIQUE \(references("auth_user")),
            application_id bigint UNIQUE \(references("sentry_apiapplication")), date_added timestamptz NOT NULL,
            date_updated timestamptz NOT NULL, date_published timestamptz, date_deleted timestamptz
            """
        ),
        (
            "sentry_sentryappcomponent",
            """
            id bigint PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
            sentry_app_id bigint NOT NULL \(references("sentry_sentryapp")), type text NOT NULL, schema text NOT NULL,
            hookline_position integer NOT NULL, UNIQUE (sentry_app_id, hookline_position)
            """
        ),
        (
            "sentry_sentryappinstallation",
            """
            id bigint PRIMARY KEY, uuid text NOT NULL UNIQUE,
            sentry_app_id bigint NOT NULL \(references("sentry_sentryapp")),
            organization_id bigint NOT NULL \(references("sentry_organization")), status integer NOT NULL,
            date_added timestamptz NOT NULL, date_updated timestamptz NOT NULL, date_deleted timestamptz
            """
        ),
        (
            "sentry_project",
            """
            id bigint PRIMARY KEY, slug text, organization_id bigint NOT NULL \(references("sentry_organization")),
            status integer NOT NULL, UNIQUE (organization_id, slug)
            """
        ),
        (
            "sentry_servicehook",
            """
            id bigint PRIMARY KEY, actor_id bigint NOT NULL,
            installation_id bigint \(references("sentry_sentryappinstallation")), project_id bigint,
            organization_id bigint \(references("sentry_organization")), url text NOT NULL, events text[]
            """
        ),
        (
            "sentry_servicehookproject",
            """
            id bigserial PRIMARY KEY, service_hook_id bigint NOT NULL \(references("sentry_servicehook")),
            project_id bigint NOT NULL \(references("sentry_project")), UNIQUE (service_hook_id, project_id)
            """
        ),
        (
            "sentry_apitoken",
            """
            id bigint PRIMARY KEY, user_id bigint NOT NULL \(references("auth_user")),
            token text UNIQUE CHECK (token IS NULL), hashed_token text NOT NULL UNIQUE, scope_list text[],
            scopes bigint NOT NULL DEFAULT 0, expires_at timestamptz, date_added timestamptz NOT NULL,
            application_id bigint \(references("sentry_apiapplication"))
            """
        ),
        (
            "sentry_auditlogentry",
            """
            id bigserial PRIMARY KEY, organization_id bigint NOT NULL, event integer NOT NULL, actor_id bigint,
            actor_label text, target_object bigint, data text NOT NULL, datetime timestamptz NOT NULL
            """
        ),
    ]

    /// As the original's, and one for addresses (`LookUp.userByLogin`).
    static let indexes = [
        "sentry_organizationmember (user_id)",
        "sentry_sentryapp (owner_id)",
        "sentry_sentryappinstallation (sentry_app_id)",
        "sentry_sentryappinstallation (organization_id)",
        "sentry_servicehook (actor_id)",
        "sentry_servicehook (installation_id)",
        "sentry_servicehookproject (project_id)",
        "sentry_apitoken (user_id)",
        "sentry_auditlogentry (organization_id, datetime)",
        "auth_user (lower(email COLLATE \"C\"))",
    ].map { "CREATE INDEX ON public.\($0)" }

    /// In the schema `hookline`: what the original derives from tables that a stand-alone directory does not need.
    static let ownTables = [
        """
        CREATE TABLE hookline.team_roles (
            organization_id bigint NOT NULL, user_id bigint NOT NULL, roles text[] NOT NULL,
            PRIMARY KEY (organization_id, user_id)
        )
        """,
        """
        CREATE TABLE hookline.app_avatars (
            app_id bigint NOT NULL, position integer NOT NULL, type text NOT NULL, uuid text NOT NULL,
            is_color boolean NOT NULL, PRIMARY KEY (app_id, position)
        )
        """,
        """
        CREATE TABLE hookline.app_features (
            app_id bigint NOT NULL, position integer NOT NULL, id bigint NOT NULL, gate text NOT NULL,
            description text NOT NULL, PRIMARY KEY (app_id, position)
        )
        """,
        """
        CREATE TABLE hookline.issue_events (
            project_id bigint NOT NULL, event_id text NOT NULL, group_id bigint, PRIMARY KEY (project_id, event_id)
        )
        """,
    ]

    static var statements: [String] {
        tables.map { "CREATE TABLE public.\($0.name) (\($0.definition))" } + indexes + ownTables
            + ["UPDATE hookline.directory SET is_standalone = true"]
    }

    /// Checked at the end of a transaction, as the original's keys are: rows may exchange their places.
    private static func references(_ table: String) -> String {
        "REFERENCES public.\(table) DEFERRABLE INITIALLY DEFERRED"
    }
}
