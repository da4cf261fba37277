import Buffer
import Model
import Testing
import WebhookRules

/// What webhooks are about (docs/protocol.md 1.4).
@Suite struct WebhookSubjectTests {
    private func subject(_ resource: String, _ data: String) -> WebhookSubject? {
        WebhookSubject(ofResource: resource, data: Array("??\(data)".utf8).dropFirst(2))
    }

    @Test(arguments: [
        ("error", #"{"error":{"event_id":"e1","issue_id":"2"}}"#, "event", "e1"),
        ("event_alert", #"{"event":{"event_id":"e2"},"issue_alert":{"id":3}}"#, "event", "e2"),
        ("issue", #"{"issue":{"url":"u","id":"4","project":{"id":"5"}}}"#, "group", "4"),
        ("activity_alert", #"{"issue":{"id":"6"},"alert":{"id":88}}"#, "group", "6"),
        ("comment", #"{"comment_id":3405,"issue_id":7}"#, "comment", "3405"),
        ("metric_alert", #"{"metric_alert":{"id":"1","alert_rule":{"id":"8"}}}"#, "alert_rule", "8"),
        ("installation", #"{"installation":{"app":{"uuid":"a"},"uuid":"u1"}}"#, "installation", "u1"),
        ("seer", #"{"run_id":90123,"sentry_run_id":"s"}"#, "autofix_run", "90123"),
        ("seer", #"{"run_id":null,"sentry_run_id":"s"}"#, "autofix_run", "s"),
        ("seer", #"{"sentry_run_id":"s"}"#, "autofix_run", "s"),
        ("preprod_artifact", #"{"buildId":"456"}"#, "preprod_artifact", "456"),
        ("issue", #"{"issue":{"id":"1"},"issue":{"id":"caf\u00e9"}}"#, "group", "café"),
    ])
    func fact22EachResourceHasItsSubject(resource: String, data: String, type: String, id: String) {
        #expect(subject(resource, data) == WebhookSubject(type: type, id: id))
    }

    @Test(arguments: [
        ("comment", #"{"comment_id":null}"#), ("seer", #"{"group_id":1}"#), ("issue", #"{}"#), ("issue", "[]"),
        ("error", #"{"error":"nope"}"#), ("issue", #"{"issue":{"id":{"a":1}}}"#), ("issue", #"{"issue":{"id":""}}"#),
        ("issue", #"{"issue":{"id":true}}"#), ("external_issue", #"{"issue":{"id":"1"}}"#), ("", "{}"),
        ("installation", #"{"uuid":"u1"}"#),
    ])
    func fact22WithoutAnIdThereIsNone(resource: String, data: String) {
        #expect(subject(resource, data) == nil)
    }
}
