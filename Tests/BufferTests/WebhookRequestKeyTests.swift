import Model
import Testing

@testable import Buffer

/// The key of a list.
@Suite
struct WebhookRequestKeyTests {
    @Test func theNameOfAListIsReadBackAndNothingElseIsOne() {
        for isErrors in [false, true] {
            let key = WebhookRequestKey(appID: -12, event: "issue.created", isErrors: isErrors)
            #expect(WebhookRequestKey(parsing: Array(key.text.utf8)) == key)
        }
        for text in [
            "", "sentry-app-webhook-request:{1}", "sentry-app-webhook-request:{x}:a", "other:{1}:a",
            "sentry-app-webhook-request:{1:a", "sentry-app-webhook-error:1}:a", "sentry-app-webhook-request:{1}a:b",
        ] {
            #expect(WebhookRequestKey(parsing: Array(text.utf8)) == nil, "\(text)")
        }
        #expect(WebhookRequestKey(parsing: Array("sentry-app-webhook-request:{1}:".utf8) + [0xFF]) == nil)
    }
}
