package import Model

/// The headers of one attempt, computed once: what is logged is what was sent (contract 7.3; design, D5).
package struct WebhookHeaders: Sendable {
    /// What stands in the log for the value of a header of the owner's.
    package static let mask = String(repeating: "*", count: 64)

    /// The owner's own that can be sent: none takes the place of one of ours.
    package var custom: [SentryApp.CustomHeader]
    /// 32 lower-case hexadecimal digits, the same for each attempt of one event.
    package var requestID: String
    package var resource: String
    /// Seconds since the epoch at the time of sending.
    package var timestamp: Int64
    package var signature: String
    /// Of Standard Webhooks; nil when those headers are not sent.
    package var standardSignature: String?
    /// The id of the event that this one sends again.
    package var originalID: String?
    /// 1 for the first attempt, which has no header for it: it looks as the original's.
    package var attempt: Int

    package init(
        resource: String, body: [UInt8], secret: Secret, requestID: String, now: Timestamp,
        signing: any WebhookSigning, isStandard: Bool = true, custom: [SentryApp.CustomHeader] = [],
        originalID: String? = nil, attempt: Int = 1
    ) {
        self.custom = WebhookHeaders.sendable(custom)
        self.requestID = requestID
        self.resource = resource
        timestamp = now.seconds
        signature = signing.hexadecimal(of: body, secret: secret)
        standardSignature =
            isStandard
            ? signing.standard(id: requestID, timestamp: timestamp, body: body, secret: secret) : nil
        self.originalID = originalID
        self.attempt = attempt
    }

    /// As they are sent: the owner's, the contract's five, those of Standard Webhooks, ours.
    package var sent: [(name: String, value: String)] {
        custom.map { ($0.name, $0.value.exposed) } + own
    }

    /// As they are logged: the same in the same order, the values of the owner's masked.
    package var logged: [(name: String, value: String)] {
        custom.map { ($0.name, WebhookHeaders.mask) } + own
    }

    /// All but the owner's.
    package var own: [(name: String, value: String)] {
        let seconds = String(timestamp)
        var headers = [
            ("Content-Type", "application/json"), ("Request-ID", requestID), ("Sentry-Hook-Resource", resource),
            ("Sentry-Hook-Timestamp", seconds), ("Sentry-Hook-Signature", signature),
        ]
        if let standardSignature {
            headers += [
                ("webhook-id", requestID), ("webhook-timestamp", seconds), ("webhook-signature", standardSignature),
            ]
        }
        if let originalID { headers.append(("Hookline-Original-ID", originalID)) }
        if attempt > 1 { headers.append(("Hookline-Attempt", String(attempt))) }
        return headers
    }
}

extension WebhookHeaders {
    /// Lower-case names of ours, also of those that are not on every webhook: the owner's never stand in for them.
    private static let ownNames: Set<String> = [
        "content-type", "request-id", "sentry-hook-resource", "sentry-hook-timestamp", "sentry-hook-signature",
        "webhook-id", "webhook-timestamp", "webhook-signature", "hookline-original-id", "hookline-attempt",
    ]

    /// Those of the owner's headers that can be sent. Of headers with the same name the last value stands at the first
    /// one's place, as in the original's dictionary.
    private static func sendable(_ headers: [SentryApp.CustomHeader]) -> [SentryApp.CustomHeader] {
        guard !headers.isEmpty else { return [] }
        var places: [String: Int] = [:]
        return headers.reduce(into: []) { list, header in
            let name = header.name.lowercased()
            guard !ownNames.contains(name), HeaderRule.isSendable(name: header.name, value: header.value.exposed)
            else { return }
            if let place = places[name] {
                list[place].value = header.value
            } else {
                places[name] = list.count
                list.append(header)
            }
        }
    }
}
