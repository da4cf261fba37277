import Buffer
import Model
import Queue

extension RuleEvaluation {
    /// The request, whole: body and signatures are made here and nowhere else, once for each attempt.
    mutating func makeRequest(
        _ payload: EventPayload, _ app: SentryApp, _ installation: Installation
    ) throws(Rejection) -> PlannedWebhook {
        guard let url = app.webhookURL, !url.isEmpty else {
            throw stop(.webhookURL, drop(.missingWebhookURL, installation, app), [])
        }
        pass(.webhookURL, [.init("url", url)])
        let body = WebhookBody.bytes(
            action: payload.action, installationUUID: installation.uuid, data: entry.payload[payload.data],
            actor: payload.actor.map { entry.payload[$0] })
        let originalID = payload.originalID ?? entry.originalID
        let headers = WebhookHeaders(
            resource: payload.resource, body: body, secret: app.clientSecret, requestID: entry.id, now: now,
            signing: signing, isStandard: settings.sendsStandardHeaders, custom: app.customHeaders,
            originalID: originalID, attempt: entry.attempt)
        let timeout = timeout(for: app)
        pass(
            .request,
            [
                .init("headers", headers.logged.map(\.name).joined(separator: ", ")),
                .init("body", "\(body.count) bytes"), .init("time-out", "\(timeout)"),
            ])
        let sent = headers.sent
        return PlannedWebhook(
            app: app, installation: installation, event: entry.event, url: url, headers: sent,
            loggedHeaders: headers.custom.isEmpty ? sent : headers.logged, body: body, timeout: timeout,
            originalID: originalID)
    }

    /// The app's own within the bounds of the deployment.
    private func timeout(for app: SentryApp) -> Duration {
        guard let milliseconds = app.webhookTimeoutMilliseconds else { return settings.timeout }
        let range = settings.timeoutRange
        return min(max(.milliseconds(milliseconds), range.lowerBound), range.upperBound)
    }
}
