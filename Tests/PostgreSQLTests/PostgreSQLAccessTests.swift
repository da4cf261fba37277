import Foundation
import Model
import System
import TestSupport
import Testing

@testable import PostgreSQL

/// Passwords and TLS.
struct PostgreSQLAccessTests {
    private let deadline = MonotonicTime.now().adding(seconds: 30)
    private let certificates: TestCertificates
    private let server: PostgreSQLServer

    init() throws {
        certificates = try TestCertificates(names: "DNS:localhost")
        var options = PostgreSQLServer.Options()
        options.hasTCP = true
        options.certificates = certificates
        options.accessRules = [
            "host all locked 127.0.0.1/32 scram-sha-256", "hostssl all secure 127.0.0.1/32 trust",
            "host all secure 127.0.0.1/32 reject",
        ]
        server = try PostgreSQLServer(options)
        try server.connection().execute(
            "CREATE ROLE locked LOGIN PASSWORD 'opensesame'; CREATE ROLE secure LOGIN")
    }

    private func address(_ host: String, user: String, _ options: String = "") throws -> PostgreSQLAddress {
        try PostgreSQLAddress(parsing: server.networkURL(user: user, host: host, options: options))
    }

    private func connect(_ address: PostgreSQLAddress) throws(PostgreSQLError) -> PostgreSQLConnection {
        try PostgreSQLConnection.connect(to: address, by: deadline)
    }

    private func reason(_ address: PostgreSQLAddress) -> PostgreSQLError? {
        #expect(throws: PostgreSQLError.self) { try connect(address) }
    }

    @Test func thePasswordDecidesAndIsInNoMessage() throws {
        var address = try address("127.0.0.1", user: "locked")
        guard case .authentication(let missing) = reason(address) else { return #expect(Bool(false)) }
        #expect(missing.text == "fe_sendauth: no password supplied")
        address.password = Secret("wrong-guess")
        guard case .authentication(let wrong) = reason(address) else { return #expect(Bool(false)) }
        #expect(wrong.sqlstate == "28P01")
        #expect(wrong.text.contains("password authentication failed for user \"locked\""))
        #expect(!"\(wrong)".contains("wrong-guess"))
        address.password = Secret("opensesame")

        #expect(try connect(address).query("SELECT 1", by: deadline).count == 1)
    }

    @Test func thePasswordFileIsUsed() throws {
        let file = try TemporaryDirectory()
        let path = try file.write("127.0.0.1:*:*:locked:opensesame\n", to: "passwords")
        chmod(path, 0o600)

        #expect(try connect(address("127.0.0.1", user: "locked", "passfile=\(path)")).isOpen)
    }

    @Test func theModeDecidesAboutEncryption() throws {
        #expect(try !connect(address("localhost", user: "postgres", "sslmode=disable")).isEncrypted)
        #expect(try !connect(address("localhost", user: "postgres", "sslmode=allow")).isEncrypted)
        #expect(try connect(address("localhost", user: "postgres", "sslmode=prefer")).isEncrypted)
        #expect(try connect(address("localhost", user: "postgres", "sslmode=require")).isEncrypted)
        guard case .authentication(let message) = reason(try address("localhost", user: "secure", "sslmode=disable"))
        else { return #expect(Bool(false)) }
        #expect(message.sqlstate == "28000")
    }

    @Test func theServersCertificateAndNameAreVerified() throws {
        let own = "sslrootcert=\(certificates.authorityPath)"
        let verified = try connect(address("localhost", user: "secure", "sslmode=verify-full&" + own))
        #expect(verified.isEncrypted)
        // A result of many TLS records.
        #expect(try verified.query("SELECT repeat('x', 3000000)", by: deadline)[0].text(0).utf8.count == 3_000_000)

        #expect(try connect(address("127.0.0.1", user: "secure", "sslmode=verify-ca&" + own)).isEncrypted)
        let wrongName = reason(try address("127.0.0.1", user: "secure", "sslmode=verify-full&" + own))
        #expect(wrongName?.description.contains("does not match host name") ?? false)
        let others = try TestCertificates()
        let wrongAuthority = reason(
            try address("localhost", user: "secure", "sslmode=verify-ca&sslrootcert=\(others.authorityPath)"))
        #expect(wrongAuthority?.description.contains("certificate verify failed") ?? false)
        let noFile = reason(
            try address("localhost", user: "secure", "sslmode=verify-full&sslrootcert=/nonexistent.pem"))
        #expect(noFile?.description.contains("/nonexistent.pem") ?? false)
    }

    @Test func anIdleEncryptedConnectionIsFoundAliveAndDead() throws {
        let pool = PostgreSQLPool(address: try address("localhost", user: "secure", "sslmode=require"))
        for _ in 0..<3 { _ = try pool.query("SELECT 1", by: deadline) }
        #expect(pool.status.counts.connections == 1)
        try server.terminateConnections()

        #expect(try pool.query("SELECT 1", by: deadline).count == 1)
        #expect(pool.status.counts.connections == 2)
    }

    @Test func everyVariableThatLibpqReadsIsRemoved() throws {
        // Those that this libpq knows, from its own table; PGSERVICE, PGSERVICEFILE and the like are not in it.
        let known = ["PGUSER", "PGPASSWORD", "PGHOST", "PGOPTIONS", "PGSSLMODE", "PGTARGETSESSIONATTRS", "PGSERVICE"]
        #expect(known.allSatisfy(PostgreSQLEnvironment.variables.contains))
        #expect(PostgreSQLEnvironment.variables == PostgreSQLEnvironment.variables.sorted())
        PostgreSQLEnvironment.removeVariables()
        #expect(PostgreSQLEnvironment.variables.allSatisfy { getenv($0) == nil })
    }
}
