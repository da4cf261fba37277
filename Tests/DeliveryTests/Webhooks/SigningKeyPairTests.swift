import Delivery
import Foundation
import Model
import TestSupport
import Testing
import WebhookRules

/// Ed25519. The vectors are those of RFC 8032, 7.1.
@Suite struct SigningKeyPairTests {
    private static let vectors = [
        (
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature:
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"
        ),
        (
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature:
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ]

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.utf8.count, by: 2).compactMap { offset in
            UInt8(hexadecimal.dropFirst(offset).prefix(2), radix: 16)
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    @Test(arguments: [0, 1])
    func signaturesAreThoseOfTheStandard(index: Int) throws {
        let vector = Self.vectors[index]
        let text = "whsk_" + Self.base64(Self.bytes(vector.seed) + Self.bytes(vector.key))

        let pair = try #require(SigningKeyPair(privateKey: Secret(text)))

        #expect(pair.publicKey == "whpk_" + Self.base64(Self.bytes(vector.key)))
        #expect(pair.signature(of: Self.bytes(vector.message)) == Self.bytes(vector.signature))
    }

    @Test func whatIsNoPrivateKeyIsRefused() {
        let (seed, key) = (Self.bytes(Self.vectors[0].seed), Self.bytes(Self.vectors[0].key))
        let otherKey = Self.bytes(Self.vectors[1].key)

        for text in [
            "", "whsk_", "whsk_x", "whsk_" + Self.base64(seed), "whsk_" + Self.base64(seed + otherKey),
            "whsec_" + Self.base64(seed + key), Self.base64(seed + key),
        ] {
            #expect(SigningKeyPair(privateKey: Secret(text)) == nil, "\(text)")
        }
        #expect(SigningKey.problem(of: Secret("whsk_" + Self.base64(seed + key))) == .privateKey)
        #expect(SigningKey.problemOfPrevious(Secret("whsk_" + Self.base64(seed + key))) == nil)
        #expect(SigningKey.problemOfPrevious(Secret("whsk_" + Self.base64(seed))) == SigningKeyPair.rule)
    }

    @Test func eachPairIsAnother() {
        #expect(SigningKeyPair().privateKey != SigningKeyPair().privateKey)
    }

    /// OpenSSL accepts the signature of a whole webhook with nothing but the public key.
    @Test func anotherLibraryAcceptsTheSignatureOfAWebhook() throws {
        let pair = SigningKeyPair()
        var fixture = WebhookFixture()
        fixture.app.signingKey = pair.privateKey
        let webhook = try fixture.webhook()
        let signatures = try #require(webhook.header("webhook-signature")).split(separator: " ")
        #expect(signatures.map { $0.prefix { $0 != "," } } == ["v1", "v1a"])

        let signature = try #require(Data(base64Encoded: String(signatures[1].dropFirst("v1a,".count))))
        let key = try #require(Data(base64Encoded: String(pair.publicKey.dropFirst("whpk_".count))))
        // SubjectPublicKeyInfo of Ed25519 (RFC 8410).
        let file = Data([0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]) + key
        let start = try "\(#require(webhook.header("webhook-id"))).\(#require(webhook.header("webhook-timestamp")))."
        let folder = try TemporaryDirectory()
        func isAccepted(_ message: Data) throws -> Bool {
            for (name, content) in [("key", file), ("signature", signature), ("message", message)] {
                try content.write(to: URL(fileURLWithPath: folder.file(name)))
            }
            return try ChildProcess.run([
                "/usr/bin/openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", folder.file("key"),
                "-rawin", "-in", folder.file("message"), "-sigfile", folder.file("signature"),
            ]).status == .exited(0)
        }

        #expect(try isAccepted(Data(start.utf8) + Data(webhook.body)))
        #expect(try !isAccepted(Data(start.utf8) + Data(webhook.body) + Data(" ".utf8)))
    }

    @Test func duringAnOverlapBothPairsSign() throws {
        var fixture = WebhookFixture()
        fixture.app.signingKey = SigningKeyPair().privateKey
        fixture.app.previousSecrets = [
            .init(secret: SigningKeyPair().privateKey, validUntil: .now().adding(seconds: 1_000_000_000)),
            .init(secret: Secret("former"), validUntil: .now().adding(seconds: 1_000_000_000)),
        ]

        let webhook = try fixture.webhook()

        let signatures = try #require(webhook.header("webhook-signature")).split(separator: " ")
        #expect(signatures.map { $0.prefix { $0 != "," } } == ["v1", "v1", "v1a", "v1a"])
        #expect(
            webhook.header("Sentry-Hook-Signature")
                == WebhookSignature.hexadecimal(of: webhook.body, secret: Secret("former")))
    }
}
