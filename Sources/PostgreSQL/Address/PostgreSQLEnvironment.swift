import Glibc

/// The variables of the environment that libpq would read for everything that an address does not say.
package enum PostgreSQLEnvironment {
    /// All that libpq reads (libpq-envars, 34.15), those of newer releases included.
    package static let variables = [
        "PGAPPNAME", "PGCHANNELBINDING", "PGCLIENTENCODING", "PGCONNECT_TIMEOUT", "PGDATABASE", "PGDATESTYLE",
        "PGGEQO", "PGGSSDELEGATION", "PGGSSENCMODE", "PGGSSLIB", "PGHOST", "PGHOSTADDR", "PGKRBSRVNAME",
        "PGLOADBALANCEHOSTS", "PGLOCALEDIR", "PGMAXPROTOCOLVERSION", "PGMINPROTOCOLVERSION", "PGOAUTHDEBUG",
        "PGOPTIONS", "PGPASSFILE", "PGPASSWORD", "PGPORT", "PGREALM", "PGREQUIREAUTH", "PGREQUIREPEER",
        "PGREQUIRESSL", "PGSERVICE", "PGSERVICEFILE", "PGSSLCERT", "PGSSLCERTMODE", "PGSSLCOMPRESSION", "PGSSLCRL",
        "PGSSLCRLDIR", "PGSSLKEY", "PGSSLMAXPROTOCOLVERSION", "PGSSLMINPROTOCOLVERSION", "PGSSLMODE",
        "PGSSLNEGOTIATION", "PGSSLROOTCERT", "PGSSLSNI", "PGSYSCONFDIR", "PGTARGETSESSIONATTRS", "PGTZ", "PGUSER",
    ]

    /// Removes them from the process' environment, so that connections depend on their address alone: a forgotten
    /// `PGOPTIONS` or `PGSERVICE` would change what every query means, and libpq has no other way to be told. Does
    /// nothing after the first time.
    ///
    /// Call it (or make a pool) before the program starts threads: others may read the environment at the same time.
    package static func removeVariables() {
        _ = removal
    }

    private static let removal: Void = {
        for name in variables where getenv(name) != nil { unsetenv(name) }
    }()
}
