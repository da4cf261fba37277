import Delivery
import Model
import TestSupport
import Testing
import WebhookRules
import WireJSON

struct WebhookEventTests {
    /// The worked example of the contract (7.3).
    @Test func theWorkedExampleHasItsSignature() throws {
        let event = WebhookEvent(
            resource: "issue", action: "created", installationUUID: "a8e5d37a-696c-4c54-adb5-b3f28d64c7de",
            data: try JSONValue(parsing: Array(#"{"issue": {"id": "1", "title": "café"}}"#.utf8)))

        let signature = WebhookSignature.hexadecimal(of: event.body, secret: Secret("secret-0123456789abcdef"))

        #expect(
            String(decoding: event.body, as: UTF8.self)
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
                let event = WebhookEvent(
                    resource: try #require(item["resource"].string), action: try #require(item["action"].string),
                    installationUUID: try #require(item["install_uuid"].string),
                    data: try JSONValue(parsing: Array(item["data"].text.utf8)),
                    actor: try actor(item["actor"], app: app))
                let body = event.body

                let headers = WebhookHeaders(
                    resource: event.resource, body: body, secret: Secret(app["client_secret"].string ?? ""),
                    requestID: try #require(item["request_id"].string),
                    now: try #require(Timestamp(parsing: item["now"].string ?? "")), signing: SecretSigning(),
                    isStandard: false)

                #expect(String(decoding: body, as: UTF8.self) == item["expect"]["body"].string, "\(scenario)")
                #expect(headers.sent.map(\.name) == item["expect"]["headers"].members.map(\.key))
                #expect(headers.sent.map(\.value) == item["expect"]["headers"].members.map { $0.value.string })
            }
        }
    }

    private func actor(_ actor: GoldenValue, app: GoldenValue) throws -> WebhookEvent.Actor {
        if actor.isNull { return .platform }
        if actor["is_sentry_app"].bool == true {
            return .app(uuid: try #require(app["uuid"].string), name: try #require(app["name"].string))
        }
        return .user(id: try #require(actor["id"].integer), name: try #require(actor["name"].string))
    }
}
