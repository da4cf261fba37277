import Buffer
package import Queue
import WebhookRules

extension AttemptDetails {
    /// What is kept of an attempt: the request's headers as they are logged, and the response.
    ///
    /// - Parameter bodyLimit: bytes of the response's body that are kept.
    package init(_ attempt: FinishedAttempt, bodyLimit: Int) {
        let (webhook, result) = (attempt.webhook, attempt.result)
        self.init(
            attempt: attempt.entry.attempt, date: attempt.date, url: webhook.url, code: attempt.responseCode,
            durationMilliseconds: attempt.loggedDuration, requestHeaders: HeaderList(webhook.loggedHeaders))
        reason = attempt.reason
        reasonDetail = attempt.reasonDetail.map { String($0.prefix(WebhookRequestRecord.detailLimit)) }
        guard case .response(let response) = result.outcome else { return }
        self.response = Response(
            status: response.status, headers: HeaderList(masking: response.headerLines ?? HeaderLines()),
            body: Array(response.body.prefix(bodyLimit)),
            isBodyCut: response.isBodyCut || response.body.count > bodyLimit)
    }
}

extension HeaderList {
    /// The headers of a response, with the values masked that may be secrets.
    package init(masking lines: HeaderLines) {
        self.init(
            lines.headers.map { name, value in
                (name, ResponseSecrets.isSecret(headerName: name) ? WebhookHeaders.mask : value)
            }, isCut: lines.isCut)
    }
}

/// Which headers of a response may have a secret as their value.
enum ResponseSecrets {
    private static let names: Set<String> = ["set-cookie", "set-cookie2", "authorization", "proxy-authorization"]
    private static let endings = ["-token", "-key", "-secret"]

    /// - Parameter name: in any case.
    static func isSecret(headerName name: String) -> Bool {
        let name = name.lowercased()
        return names.contains(name) || endings.contains { name.hasSuffix($0) }
    }
}
