import Model
import TestSupport
import Testing

@testable import Directory

/// The file with the keys that encrypt secrets.
@Suite struct SecretKeyFileTests {
    static let first = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    static let second = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="

    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func file(_ text: String) throws -> SecretKeyFile {
        SecretKeyFile(path: try folder.write(text, to: "secret.key"))
    }

    @Test(arguments: [
        "hush", "é 'x'", String(repeating: "0123456789abcdef", count: 4), String(repeating: "x", count: 4096),
    ])
    func whatIsEncryptedIsDecrypted(text: String) throws {
        let keys = try file(Self.first)

        let stored = try keys.stored(Secret(text))

        #expect(stored.hasPrefix("secretbox:") && !stored.contains(text))
        #expect(try keys.secret(stored) == Secret(text))
        #expect(try keys.stored(Secret(text)) != stored, "each time with another nonce")
        #expect(try SecretKeyFile(path: keys.path).secret(stored) == Secret(text))
    }

    @Test func withoutAFileSecretsAreInClear() throws {
        #expect(try SecretKeyFile.none.stored(Secret("hush")) == "hush")
        #expect(try SecretKeyFile.none.secret("hush") == Secret("hush"))
        #expect(SecretKeyFile.none.problem() == nil)
    }

    @Test func anEmptySecretStaysEmpty() throws {
        #expect(try file(Self.first).stored(Secret("")) == "")
    }

    @Test func theFirstKeyEncryptsAndAllDecrypt() throws {
        let old = try file(Self.second).stored(Secret("hush"))
        let keys = try file("# the new key\n\n\(Self.first)\r\n  \(Self.second)  \n")

        #expect(try keys.secret(old) == Secret("hush"))
        #expect(try keys.form(of: old) == .formerKey)
        #expect(try keys.form(of: "hush") == .clear)
        #expect(try keys.form(of: keys.stored(Secret("hush"))) == .current)
        #expect(try keys.rewritten(old, encrypting: true).map(keys.form) == .current)
        #expect(try keys.rewritten(old, encrypting: false) == "hush")
        #expect(try keys.rewritten("hush", encrypting: false) == nil)
    }

    /// Running programs follow a change of the key.
    @Test func theFileIsReadAgainForAnUnknownKeyAndAtTheStartOfAChange() throws {
        let old = try file(Self.first)
        let stored = try old.stored(Secret("hush"))
        let new = try file("\(Self.second)\n\(Self.first)\n").stored(Secret("new"))

        #expect(try old.secret(new) == Secret("new"))
        _ = try file("\(Self.second)\n")
        #expect(try old.secret(stored) == Secret("hush"), "known keys decrypt")
        old.beginChange()
        #expect(try old.form(of: old.stored(Secret("x"))) == .current)
        let problem = #expect(throws: SecretKeyProblem.self) { try old.secret(stored) }
        #expect(problem?.description.contains("which \(old.path ?? "") does not have") == true)
    }

    @Test func aSecretWithoutItsKeyIsReportedWithTheKeysName() throws {
        let stored = try file(Self.first).stored(Secret("hush"))

        let problem = #expect(throws: SecretKeyProblem.self) { try SecretKeyFile.none.secret(stored) }

        let id = stored.split(separator: ":")[1]
        #expect(problem == .unknownKey(id: String(id), path: nil))
        #expect(id.count == 8)
    }

    @Test func aDamagedSecretIsReported() throws {
        let keys = try file(Self.first)
        let stored = try keys.stored(Secret("hush"))
        let prefix = stored.prefix { $0 != "=" }
        let last = try #require(prefix.last)

        for damaged in [
            String(prefix.dropLast()) + (last == "A" ? "Q" : "A") + stored.dropFirst(prefix.count), "secretbox:x",
            "secretbox:" + stored.split(separator: ":")[1] + ":AAAA",
        ] {
            let problem = #expect(throws: SecretKeyProblem.self, "\(damaged)") { try keys.secret(damaged) }
            #expect(problem?.description.contains("damaged") == true)
        }
    }

    /// The id is no part of what is authenticated.
    @Test func aSecretWithADamagedKeyIDIsRead() throws {
        let keys = try file("\(Self.second)\n\(Self.first)\n")
        let stored = try keys.stored(Secret("hush"))
        let box = try #require(stored.split(separator: ":").last)

        #expect(try keys.secret("secretbox:00000000:\(box)") == Secret("hush"))
        #expect(try keys.form(of: "secretbox:00000000:\(box)") == .formerKey)
        let problem = #expect(throws: SecretKeyProblem.self) { try keys.secret("secretbox:0:\(box)") }
        #expect(problem?.isDamage == true)
        let missing = #expect(throws: SecretKeyProblem.self) { try keys.secret("secretbox:00000000:AAAA") }
        #expect(missing?.isDamage == false)
    }

    @Test func aFileThatCannotBeReadAnyMoreDecryptsAndEncryptsNothing() throws {
        let keys = try file(Self.first)
        let stored = try keys.stored(Secret("hush"))
        _ = try file("")
        #expect(try keys.secret(stored) == Secret("hush"))

        keys.beginChange()

        #expect(throws: SecretKeyProblem.noKey(path: keys.path ?? "")) { try keys.stored(Secret("new")) }
        #expect(try keys.secret(stored) == Secret("hush"))
        _ = try file(Self.second)
        keys.beginChange()
        #expect(try keys.form(of: keys.stored(Secret("new"))) == .current)
    }

    @Test func noDescriptionHasAKey() throws {
        let key = try #require(SecretKey(parsing: Self.first))
        var dumped = ""
        dump(key, to: &dumped)

        #expect("\(key)" == "***" && String(reflecting: key) == "***")
        #expect(!dumped.contains("31") && Mirror(reflecting: key).children.isEmpty)
    }

    @Test func aFileThatIsNoneIsReportedWithoutItsText() throws {
        let short = "c2hvcnQtc2VjcmV0LWtleQ=="

        let problems = [
            try file("").problem(), try file("# no key\n").problem(), try file("\(Self.first)\n\(short)\n").problem(),
            SecretKeyFile(path: folder.file("none")).problem(), SecretKeyFile(path: "/dev/zero").problem(),
            try file("\u{FEFF}\(Self.first)\n").problem(),
        ].map { "\($0.map(String.init(describing:)) ?? "fine")" }

        #expect(problems[0].contains("has no key") && problems[1].contains("has no key"))
        #expect(problems[2].contains("line 2 of") && !problems[2].contains(short))
        #expect(problems[3].contains("No such file"))
        #expect(problems[4].contains("it is no file"))
        #expect(problems[5].contains("byte order mark"))
        #expect(problems.allSatisfy { $0.contains("HOOKLINE_SECRET_KEY_FILE") })
    }

    @Test func noSecretInClearLooksEncrypted() {
        let header = SentryApp.CustomHeader(name: "X-Tenant", value: Secret("secretbox:abc"))
        #expect(header.problem == .encrypted(name: "X-Tenant"))
    }
}
