import Foundation
import TestSupport
import Testing

@testable import PostgreSQLDirectory

/// The key of the examples of Fernet's specification, its token for `hello`, and others of the same time and vector.
enum FernetExample {
    static let key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
    static let token =
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
    /// `Authorization: Bearer s3cret`, as the original stores it behind the key's id.
    static let header =
        "Z0FBQUFBQWR3SjZ3QUFFQ0F3UUZCZ2NJQ1FvTERBME9EM1c2TnV1anFiZC1LNWgtTnJZQ1RmTGswbGE5b3ZvRjQ2Q2J4X0ZCZ3pMRFlLYWpBT28y"
        + "aDJ4aFd1R2ZZcWFUcUVZZDNBcmotekRkTVlyQk1CaUpmZVU9"
    /// One byte that is not UTF-8.
    static let notText =
        "Z0FBQUFBQWR3SjZ3QUFFQ0F3UUZCZ2NJQ1FvTERBME9ELTY5ZkVHYV84VW5SSzNOWjk2S01PemxxRXVwWmNnUVdHUDV4WmdhdHV1RVBXRERxcFB3"
        + "a3hXdEJ0TmYtdms1clE9PQ=="
}

/// Texts of encrypted columns (docs/protocol.md 6.5).
@Suite struct EncryptedTextTests {
    private let folder: TemporaryDirectory
    private let keys: EncryptionKeys

    init() throws {
        folder = try TemporaryDirectory()
        keys = EncryptionKeys(folder: folder.path)
        try write("\n \(FernetExample.key)\n", "k")
        try write("AAA0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=", "other")
        try write("", "empty")
        try write("c2hvcnQ=", "short")
    }

    private func write(_ text: String, _ name: String) throws {
        try folder.write(text, to: name)
    }

    @Test(arguments: [
        ("enc:plaintext:WC1BOiBi", "X-A: b"), ("X-A: b", "X-A: b"), ("enc:other:x", "enc:other:x"), ("", ""),
        ("enc:plaintext:", ""), ("enc:fernet:k:\(FernetExample.header)", "Authorization: Bearer s3cret"),
        ("enc:fernet:k:\(Data(FernetExample.token.utf8).base64EncodedString())", "hello"),
    ])
    func aTextIsReadByItsMarker(stored: String, text: String) throws {
        #expect(try EncryptedText.text(stored, keys: keys) == text)
    }

    @Test(
        arguments: [
            ("enc:plaintext:!", .invalid(method: "plaintext")), ("enc:plaintext:/w==", .invalid(method: "plaintext")),
            ("enc:tink:AAAA", .unsupported(method: "tink")), ("enc:fernet:k", .invalid(method: "fernet")),
            ("enc:fernet:k:!", .invalid(method: "fernet")), ("enc:fernet:k:", .wrongKey(id: "k")),
            ("enc:fernet:k:Z0FBQUFB", .wrongKey(id: "k")), ("enc:fernet::Z0FBQUFB", .invalid(method: "fernet")),
            ("enc:fernet:../k:Z0FBQUFB", .invalid(method: "fernet")),
            ("enc:fernet:.k:Z0FBQUFB", .invalid(method: "fernet")),
            ("enc:fernet:other:\(FernetExample.header)", .wrongKey(id: "other")),
            ("enc:fernet:k:\(FernetExample.notText)", .wrongKey(id: "k")),
        ] as [(String, EncryptionProblem)])
    func anythingElseIsAProblem(stored: String, problem: EncryptionProblem) {
        #expect(throws: problem) { try EncryptedText.text(stored, keys: keys) }
        #expect(!problem.description.contains("Z0FBQUFB"))
    }

    @Test(arguments: ["empty", "short"])
    func aFileThatIsNoKeyIsNamed(id: String) {
        let problem = EncryptionProblem.invalidKey(id: id, folder: folder.path)

        #expect(throws: problem) { try EncryptedText.text("enc:fernet:\(id):\(FernetExample.header)", keys: keys) }
        #expect(problem.description.contains(folder.path))
    }

    @Test func aKeyThatIsNotThereIsNamedAndOneThatIsAddedIsUsedAtOnce() throws {
        let stored = "enc:fernet:new:\(FernetExample.header)"
        let error = #expect(throws: EncryptionProblem.self) { try EncryptedText.text(stored, keys: keys) }
        guard case .unreadableKey(let id, let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(id == "new")
        #expect(reason.contains("\(folder.path)/new"))
        #expect(throws: EncryptionProblem.noKeys(id: "new")) {
            try EncryptedText.text(stored, keys: EncryptionKeys(folder: nil))
        }

        try write(FernetExample.key, "new")

        #expect(try EncryptedText.text(stored, keys: keys) == "Authorization: Bearer s3cret")
    }

    @Test func aTokenThatWasChangedAnywhereIsRefused() throws {
        let key = try #require(FernetKey(parsing: FernetExample.key))
        let token = try #require(Base64.decoded(FernetExample.token.utf8))
        #expect(key.decrypt(token) == Array("hello".utf8))

        for index in token.indices {
            var changed = token
            changed[index] ^= 1
            #expect(key.decrypt(changed) == nil, "\(index)")
            #expect(key.decrypt(Array(token[..<index])) == nil, "\(index)")
        }
    }
}
