import TestSupport
import Testing

/// The file with the keys that encrypt secrets (docs/secrets.md), and the programs that run with it.
@Suite struct KeyFileTests {
    private static let keys = [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=",
    ]
    private static let log = "/api/0/sentry-apps/app-1/requests/"

    private let app = DeliveryFixture.App(id: 1)

    private func fixture(_ others: DeliveryFixture.App...) throws -> DeliveryFixture {
        try DeliveryFixture(
            [app] + others,
            storeSettings: { folder in
                ["HOOKLINE_SECRET_KEY_FILE": try folder.write(Self.keys[0] + "\n", to: "secret.key")]
            })
    }

    private func write(_ keys: [String], _ fixture: DeliveryFixture) throws {
        _ = try fixture.folder.write(keys.map { $0 + "\n" }.joined(), to: "secret.key")
    }

    private func hookline(_ fixture: DeliveryFixture, _ arguments: String...) throws -> String {
        let (status, output, error) = try fixture.hookline(arguments)
        guard status == .exited(0) else { throw TestSupportError(error) }
        return output
    }

    /// The webhook of an event that is sent now.
    private func webhook(
        _ fixture: DeliveryFixture, of app: DeliveryFixture.App? = nil
    ) throws -> WebhookReceiver.Received {
        try fixture.requests(try fixture.send(app ?? self.app, "issue.created"))[0]
    }

    @Test func runningProgramsFollowAChangeOfTheKey() throws {
        let fixture = try fixture()
        #expect(try hookline(fixture, "directory", "encrypt") == "Encrypted 1 secret.\n")
        #expect(try webhook(fixture).isSigned(with: DeliveryFixture.secret))
        #expect(try fixture.call("GET", Self.log) == 200)

        try write([Self.keys[1], Self.keys[0]], fixture)
        #expect(try hookline(fixture, "directory", "encrypt") == "Encrypted 1 secret.\n")
        try write([Self.keys[1]], fixture)
        let rotated = try hookline(fixture, "app", "rotate-secret", app.slug, "--overlap", "0", "--json")
        let new = try #require(try GoldenValue(parsing: rotated)["client_secret"].string)

        try waitUntil("the worker signs with a secret that only the new key decrypts\n\(fixture.workerLog)") {
            try webhook(fixture).isSigned(with: new)
        }
        try waitUntil("the responder reads it") { try fixture.call("GET", Self.log) == 200 }
        let later = try hookline(fixture, "directory", "encrypt", "--dry-run")
        #expect(later == "Unencrypted: 0. Encrypted with the first key: 1. With another: 0.\n")
    }

    /// Its app's events become dead letters; other apps get theirs, also from programs that start then.
    @Test func aDamagedSecretConcernsItsAppAlone() throws {
        let other = DeliveryFixture.App(id: 2)
        let fixture = try fixture(other)
        _ = try hookline(fixture, "directory", "encrypt")
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database:
                database.execute("UPDATE apps SET client_secret = substr(client_secret, 1, 50) || '////' || "
                                 "substr(client_secret, 55) WHERE id = 1")
            """
        let damage = try ChildProcess.run(["python3", "-c", script, fixture.folder.file("directory.sqlite")])
        #expect(damage.status == .exited(0), "\(damage.error)")

        try waitUntil("an event is a dead letter\n\(fixture.workerLog)", seconds: 30) {
            _ = try fixture.send(app, "issue.created")
            return try hookline(fixture, "queue", "list").contains("secrets that are damaged in the directory")
        }
        #expect(try webhook(fixture, of: other).isSigned(with: DeliveryFixture.secret))
        #expect(try fixture.call("GET", Self.log) == 200)
        try fixture.stopWorker()
        let another = try fixture.startWorker("--once")
        _ = try fixture.send(other, "issue.created")
        #expect(try another.waitForExit() == .exited(0), "\(another.standardError)")
        #expect(another.standardError.contains("damaged secrets of the directory: 1; "))
        for program in ["hookline-fcgi", "hookline-cgi", "hookline-worker"] {
            let check = try fixture.check(program)
            #expect(check.status == .exited(0) && check.error.contains("damaged secrets of the directory: 1; "))
        }
        // What needs the secret is refused, what does not is done.
        #expect(try fixture.call("POST", "/api/0/sentry-apps/app-1/rotate-secret/") == 409)
        let rotated = try fixture.hookline(["app", "rotate-secret", app.slug])
        #expect(rotated.status == .exited(65) && rotated.error.contains("damaged"), "\(rotated.error)")
        let uninstalled = try fixture.hookline(["installation", "delete", app.installation()])
        #expect(uninstalled.status == .exited(0), "\(uninstalled.error)")
        let listed = try hookline(fixture, "installation", "list", "--app", app.slug)
        #expect(!listed.contains(app.installation()), "\(listed)")
    }

    @Test(arguments: ["hookline-fcgi", "hookline-cgi", "hookline-worker"])
    func aCheckSaysHowSecretsAreStored(program: String) throws {
        let fixture = try fixture()

        let unencrypted = try fixture.check(program)
        _ = try hookline(fixture, "directory", "encrypt")
        let encrypted = try fixture.check(program)
        try write([Self.keys[1], Self.keys[0]], fixture)
        let former = try fixture.check(program)
        try write([Self.keys[1]], fixture)
        let unreadable = try fixture.check(program)
        try write(["\u{FEFF}" + Self.keys[0]], fixture)
        let marked = try fixture.check(program)

        #expect(unencrypted.status == .exited(0) && encrypted.status == .exited(0) && former.status == .exited(0))
        #expect(unencrypted.error.contains("unencrypted secrets of the directory: 1; 'hookline directory encrypt'"))
        #expect(encrypted.output.contains("encrypted secrets of the directory: 1\n"), "\(encrypted.output)")
        #expect(!encrypted.error.contains("secrets of the directory"))
        #expect(former.error.contains("encrypted with a former key: 1; "), "\(former.error)")
        #expect(unreadable.status == .exited(78) && unreadable.error.contains("does not have"), "\(unreadable.error)")
        #expect(marked.status == .exited(78) && marked.error.contains("byte order mark"), "\(marked.error)")
    }
}
