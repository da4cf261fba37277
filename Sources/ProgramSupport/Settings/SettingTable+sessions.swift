extension SettingTable {
    static let sessions = Section(
        name: "sessions", title: "Sessions of the original",
        rows: [
            SettingRow(
                .sessionSecret, .secret, for: .responder,
                help: "The original's `system.secret-key`: its session cookies say who the user is; empty: the web "
                    + "server does.",
                notice: "Needs a directory in PostgreSQL. REMOTE_USER and AUTH_SUPERUSER do not count then.",
                page: "security.md"),
            SettingRow(
                .superuserNetworks, .text(placeholder: "LIST"), for: .responder,
                help: "Networks from which a session may have superuser rights, such as `10.0.0.0/8,fd00::/8`; empty "
                    + "means any.",
                notice: "The original's `SUPERUSER_ALLOWED_IPS`; compared with REMOTE_ADDR."),
        ])
}
