import Buffer
import Directory
import Model
import Queue

/// The steps of a webhook that is relayed. Nothing that was accepted is dropped: what cannot be sent becomes a dead
/// letter.
extension RuleEvaluation {
    mutating func relay() throws(Rejection) -> PlannedWebhook {
        guard let received = RelayedWebhook(bytes: entry.payload), received.target == entry.target else {
            throw refuse(.event, "the entry's payload is not a valid relayed webhook")
        }
        let event = entry.event.rawValue
        pass(.event, [.init("event", event), .init("request", received.requestID)])
        let app = try findRelayingApp()
        let target = try findTarget(received.target, of: app)
        return try makeRequest(received, app, target)
    }

    private mutating func findRelayingApp() throws(Rejection) -> SentryApp {
        let id = entry.appID
        let found = try lookUp(.app) { directory throws(DirectoryError) in try directory.app(id: id) }
        guard let app = found else { throw refuse(.app, "the app \(id) does not exist") }
        pass(.app, [.init("app", app.slug), .init("id", String(app.id)), .init("status", app.status.name)])
        guard app.disablement == nil else { throw refuse(.enabled, DeliveryPlan.disabledReason) }
        pass(.enabled, [])
        return app
    }

    private mutating func findTarget(_ name: String, of app: SentryApp) throws(Rejection) -> RelayTarget {
        guard let targets = RelayTargets(of: app) else {
            throw refuse(.relayTarget, "the targets of the app \(app.slug) cannot be read")
        }
        guard let target = targets[name] else {
            throw refuse(.relayTarget, "the app \(app.slug) has no target \(name) any more")
        }
        pass(.relayTarget, [.init("target", name), .init("url", target.url)])
        return target
    }

    private mutating func makeRequest(
        _ received: RelayedWebhook, _ app: SentryApp, _ target: RelayTarget
    ) throws(Rejection) -> PlannedWebhook {
        if let problem = app.secretProblem { throw refuse(.clientSecret, "the app \(app.slug) \(problem)") }
        let now = now
        pass(.clientSecret, Self.secretFacts(app, now))
        // A redelivery is another request, as for any other event.
        let requestID = entry.originalID == nil ? received.requestID : entry.id
        let headers = WebhookHeaders(
            resource: received.resource, body: received.body, secrets: app.signingSecrets(at: now),
            keys: app.signingKeys(at: now), requestID: requestID, now: now, signing: signing,
            isStandard: settings.sendsStandardHeaders, custom: target.headers,
            originalID: entry.originalID == nil ? nil : received.requestID, attempt: entry.attempt,
            idempotencyKey: entry.originalID == nil ? received.idempotencyKey : nil,
            receivedSignature: received.signature)
        let timeout = timeout(milliseconds: target.timeoutMilliseconds ?? app.webhookTimeoutMilliseconds)
        pass(
            .request,
            [
                .init("headers", headers.logged.map(\.name).joined(separator: ", ")),
                .init("body", "\(received.body.count) bytes"), .init("timeout", "\(timeout)"),
            ])
        let sent = headers.sent
        return PlannedWebhook(
            app: app, installation: nil, event: entry.event, url: target.url, headers: sent,
            loggedHeaders: headers.custom.isEmpty ? sent : headers.logged, body: received.body, timeout: timeout,
            originalID: received.originalID, rules: rules, idempotencyKey: received.idempotencyKey,
            relay: PlannedWebhook.Relay(target: target.name, requestID: requestID))
    }
}
