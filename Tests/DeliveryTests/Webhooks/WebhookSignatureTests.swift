import Delivery
import Model
import TestSupport
import Testing
import WireJSON

@testable import WebhookRules

/// The expected values were made with Python's `hmac` and, the first one, with `openssl dgst -hmac` as well.
/// Signatures.
@Suite
struct WebhookSignatureTests {
    private let id = "0123456789abcdef0123456789abcdef"
    private let body = Array(
        (#"{"action":"created","installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"#
            + #""data":{"issue":{"id":"1","title":"caf\u00e9"}},"#
            + #""actor":{"type":"application","id":"sentry","name":"Sentry"}}"#).utf8)

    @Test(
        arguments: [
            ("ab", "whsec_YWI="), ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ])
    func theFormForStandardWebhooksHasTheSameKey(secret: String, form: String) {
        let written = SigningKey.standardForm(of: Secret(secret))

        #expect(written == Secret(form))
        #expect(SigningKey.standard(of: written) == SigningKey.standard(of: Secret(secret)))
    }

    @Test(arguments: [
        ("secret-0123456789abcdef", "v1,ITRU7TZEWhTcRtBUa2KmqjmTsNSS/tQhS1xE7mTKAAA="),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,nFzJcBdWq+sG4Kg86mklA+EJK/6NhfhTOkdcAfR89qo="),
        ("whsec_MTYgYnl0ZXMgb2Yga2V5IQ==", "v1,bOvxuGSh2Ml+qmWAVRZa7AxLICzMxOTHozF4qRI06bY="),
        ("whsec_MTYgYnl0ZXMgb2Yga2V5IQ", "v1,bOvxuGSh2Ml+qmWAVRZa7AxLICzMxOTHozF4qRI06bY="),
    ])
    func aStandardWebhooksSignatureIsTheOneThatOtherToolsMake(secret: String, signature: String) {
        #expect(
            WebhookSignature.standard(id: id, timestamp: 1_700_000_000, body: body, secret: Secret(secret))
                == signature)
    }

    @Test(arguments: [
        "", "whsec_", "whsec_QR==", "whsec_ab-_cd12", "whsec_not base64", "whsec_QQ=", "whsec_Q\u{301}Q==",
    ])
    func aSecretThatIsNotAsDocumentedIsNeverReplacedByAnotherKey(secret: String) {
        #expect(WebhookSignature.standard(id: id, timestamp: 1_700_000_000, body: body, secret: Secret(secret)) == nil)
    }

    @Test(
        arguments: [
            ("", .empty), (" s", .unprintable), ("s\n", .unprintable), ("a\u{0}b", .unprintable),
            ("a\u{FFFD}", .unprintable), ("whsec_", .invalidBase64), ("whsec_QR==", .invalidBase64),
            ("whsec_ab-_cd12", .invalidBase64), ("whsec_QQ==", nil), ("whsec_QQ", nil), ("s", nil), ("a b é", nil),
        ] as [(String, SigningKey.Problem?)])
    func theRuleForSecretsHasOneAnswerForEach(secret: String, problem: SigningKey.Problem?) {
        #expect(SigningKey.problem(of: Secret(secret)) == problem)
    }

    @Test func idAndTimeArePartOfWhatStandardWebhooksSigns() {
        let secret = Secret("secret-0123456789abcdef")
        let signature = WebhookSignature.standard(id: id, timestamp: 1_700_000_000, body: body, secret: secret)

        #expect(
            WebhookSignature.standard(id: id, timestamp: 1_700_000_001, body: body, secret: secret) != signature)
        #expect(
            WebhookSignature.standard(id: "0", timestamp: 1_700_000_000, body: body, secret: secret) != signature)
    }

    @Test func theOriginalsSignatureTakesASecretAsItIsWrittenWhateverItsForm() {
        #expect(
            WebhookSignature.hexadecimal(of: body, secret: Secret("secret-0123456789abcdef"))
                == "00c3aaeaa6215da24793ed4655ef33cbe1c717abdd771b9984c42e5424010b1e")
        #expect(
            WebhookSignature.hexadecimal(of: body, secret: Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
                == "44ddd1e7667cf1c74b09c7032ef2c2cbddcf6ee9f8dd8fff35d620c91837995f")
    }

    @Test(arguments: [
        (0, "b87006b45196e600d7a1c22f67d0a5861ab5100a4d1901882d48f4f83edcfc99"),
        (63, "f52636c03f624e98c188da0fedd833a6984201a40adb49ec10c7a50ced218d72"),
        (64, "74c372c3b5c8739a40c77d2952174e48e0fc9c4c66ec0e5e7729be0f4a92e10d"),
        (65, "7dd3677c29fc795ebbda02e1b0b4e8816082d52fff663c3836543a812b14cd22"),
        (200, "425548e6a7fdcc36b1e46b9fb8f7798b1f8f43c72deca0f71f54395204f05228"),
    ])
    func aKeyOfAnyLengthSignsAsInOtherToolsShorterAsLongAndLongerThanTheHashsBlock(count: Int, signature: String) {
        #expect(
            WebhookSignature.hexadecimal(of: body, secret: Secret(String(repeating: "k", count: count))) == signature)
    }
}

struct WebhookGoldenTests {
    /// The example of docs/protocol.md 7.3.
    @Test func theWorkedExampleHasItsSignature() throws {
        let data = try JSONValue(parsing: Array(#"{"issue": {"id": "1", "title": "café"}}"#.utf8))
        let body = WebhookBody.bytes(
            action: "created", installationUUID: "a8e5d37a-696c-4c54-adb5-b3f28d64c7de",
            data: data.serialized(escaping: .ascii)[...], actor: PlatformNames.default.actorJSON[...])

        let signature = WebhookSignature.hexadecimal(of: body, secret: Secret("secret-0123456789abcdef"))

        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"action":"created","installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"#
                + #""data":{"issue":{"id":"1","title":"caf\u00e9"}},"#
                + #""actor":{"type":"application","id":"sentry","name":"Sentry"}}"#)
        #expect(signature == "00c3aaeaa6215da24793ed4655ef33cbe1c717abdd771b9984c42e5424010b1e")
    }

    @Test func aSecretLongerThanABlockAndAnEmptyOneSign() {
        let long = WebhookSignature.hexadecimal(of: [], secret: Secret(String(repeating: "k", count: 200)))
        let empty = WebhookSignature.hexadecimal(of: [], secret: Secret(""))

        #expect(long.utf8.count == 64)
        #expect(empty == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test(arguments: try Golden.all())
    func bodiesHeadersAndSignaturesAreTheOriginals(_ golden: Golden) throws {
        for scenario in golden.cases where scenario.kind == "webhook" {
            for item in scenario.content["items"].elements {
                let app = golden.app(slug: item["app"].string ?? "")
                let data = try JSONValue(parsing: Array(item["data"].text.utf8))
                let actor = try actor(item["actor"], app: app)
                let body = WebhookBody.bytes(
                    action: try #require(item["action"].string),
                    installationUUID: try #require(item["install_uuid"].string),
                    data: data.serialized(escaping: .ascii)[...],
                    actor: (actor?.serialized(escaping: .ascii) ?? PlatformNames.default.actorJSON)[...])

                let headers = WebhookHeaders(
                    resource: try #require(item["resource"].string), body: body,
                    secrets: [Secret(app["client_secret"].string ?? "")],
                    requestID: try #require(item["request_id"].string),
                    now: try #require(Timestamp(parsing: item["now"].string ?? "")), signing: SecretSigning(),
                    isStandard: false)

                #expect(String(decoding: body, as: UTF8.self) == item["expect"]["body"].string, "\(scenario)")
                #expect(headers.sent.map(\.name) == item["expect"]["headers"].members.map(\.key))
                #expect(headers.sent.map(\.value) == item["expect"]["headers"].members.map { $0.value.string })
            }
        }
    }

    private func actor(_ actor: GoldenValue, app: GoldenValue) throws -> JSONValue? {
        if actor.isNull { return nil }
        let isApp = actor["is_sentry_app"].bool == true
        let id =
            isApp
            ? JSONValue.string(try #require(app["uuid"].string))
            : .number(String(try #require(actor["id"].integer)))
        let name = try #require(isApp ? app["name"].string : actor["name"].string)
        return .object([
            .init(name: "type", value: .string(isApp ? "application" : "user")), .init(name: "id", value: id),
            .init(name: "name", value: .string(name)),
        ])
    }
}
