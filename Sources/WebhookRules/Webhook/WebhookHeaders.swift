package import Model

/// The headers of one attempt, computed once, so that those logged are those sent (docs/protocol.md 7.3,
/// docs/compatibility.md D5).
package struct WebhookHeaders: Sendable {
    /// Replaces the values of custom headers in the log.
    package static let mask = String(repeating: "*", count: 64)

    /// Custom headers of the app's owner that are valid and not reserved.
    package var custom: [SentryApp.CustomHeader]
    /// 32 lower-case hexadecimal digits, the same for each attempt of one event.
    package var requestID: String
    package var resource: String
    /// Seconds since the epoch at the time of sending.
    package var timestamp: Int64
    package var signature: String
    /// Nil before 26.9, which has no such header.
    package var idempotencyKey: String?
    /// Of Standard Webhooks, one for each secret and each private key, separated by spaces; nil when its headers are
    /// not sent: they are turned off, or there is no key for them.
    package var standardSignature: String?
    /// The id of the redelivered event.
    package var originalID: String?
    /// 1 for the first attempt, which has no header for it, as in the original.
    package var attempt: Int

    /// - Parameters:
    ///   - secrets: the newest first, at least one. `Sentry-Hook-Signature` has room for one signature: it is made with
    ///     the oldest, which every receiver has as long as it is valid.
    ///   - keys: the private keys of Ed25519, the newest first.
    ///   - receivedSignature: `Sentry-Hook-Signature` of a webhook that is relayed, in place of one that is made.
    package init(
        resource: String, body: [UInt8], secrets: [Secret], keys: [Secret] = [], requestID: String, now: Timestamp,
        signing: any WebhookSigning, isStandard: Bool = true, custom: [SentryApp.CustomHeader] = [],
        originalID: String? = nil, attempt: Int = 1, idempotencyKey: String? = nil, receivedSignature: String? = nil
    ) {
        self.custom = WebhookHeaders.sendable(custom, besidesKey: idempotencyKey != nil)
        self.idempotencyKey = idempotencyKey
        self.requestID = requestID
        self.resource = resource
        timestamp = now.seconds
        signature = receivedSignature ?? secrets.last.map { signing.hexadecimal(of: body, secret: $0) } ?? ""
        let seconds = now.seconds
        let signatures =
            isStandard
            ? secrets.compactMap { signing.standard(id: requestID, timestamp: seconds, body: body, secret: $0) }
                + keys.compactMap { signing.asymmetric(id: requestID, timestamp: seconds, body: body, key: $0) }
            : []
        standardSignature = signatures.isEmpty ? nil : signatures.joined(separator: " ")
        self.originalID = originalID
        self.attempt = attempt
    }

    /// As they are sent: custom ones, the original's five or six, those of Standard Webhooks, Hookline's.
    package var sent: [(name: String, value: String)] {
        custom.map { ($0.name, $0.value.exposed) } + standard
    }

    /// As they are logged: the same in the same order, with the values of custom headers masked.
    package var logged: [(name: String, value: String)] {
        custom.map { ($0.name, WebhookHeaders.mask) } + standard
    }

    /// All but the custom ones.
    package var standard: [(name: String, value: String)] {
        let seconds = String(timestamp)
        var headers = [
            ("Content-Type", "application/json"), ("Request-ID", requestID), ("Sentry-Hook-Resource", resource),
            ("Sentry-Hook-Timestamp", seconds), ("Sentry-Hook-Signature", signature),
        ]
        if let idempotencyKey { headers.append((WebhookHeaders.idempotencyKeyName, idempotencyKey)) }
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
    /// Lower-case names of Hookline's headers, also of those that not every webhook has: custom headers cannot use
    /// them.
    private static let reservedNames: Set<String> = [
        "content-type", "request-id", "sentry-hook-resource", "sentry-hook-timestamp", "sentry-hook-signature",
        "webhook-id", "webhook-timestamp", "webhook-signature", "hookline-original-id", "hookline-attempt",
    ]

    private static let idempotencyKeyName = "Idempotency-Key"

    /// The custom headers that can be sent. Of headers with the same name the last value counts, at the position of the
    /// first one, as in the original's dictionary.
    ///
    /// - Parameter besidesKey: whether the webhook has an `Idempotency-Key` of its own, so that none of these can be
    ///   one.
    private static func sendable(
        _ headers: [SentryApp.CustomHeader], besidesKey: Bool
    ) -> [SentryApp.CustomHeader] {
        guard !headers.isEmpty else { return [] }
        var positions: [String: Int] = [:]
        return headers.reduce(into: []) { list, header in
            let name = header.name.lowercased()
            guard !reservedNames.contains(name), !(besidesKey && name == idempotencyKeyName.lowercased()),
                HeaderRule.isSendable(name: header.name, value: header.value.exposed)
            else { return }
            if let position = positions[name] {
                list[position].value = header.value
            } else {
                positions[name] = list.count
                list.append(header)
            }
        }
    }
}

/// Which headers a webhook can carry.
package enum HeaderRule {
    /// Headers of the connection or of the message's framing, which only the sender sets; not allowed as custom
    /// headers.
    package static func isReserved(headerName name: String) -> Bool {
        reservedNames.contains { reserved in
            name.utf8.count == reserved.utf8CodeUnitCount
                && reserved.withUTF8Buffer { name.utf8.elementsEqual($0) { lowercased($0) == $1 } }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static let reservedNames: [StaticString] = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Whether a header is valid and not reserved: its name is a token, its value has no control characters but tabs.
    package static func isSendable(name: String, value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(SentryApp.CustomHeader.isTokenByte) && !isReserved(headerName: name)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}

/// Makes the two signatures of a webhook (docs/protocol.md 7.3). The sender has a library for it; a planner that only
/// explains needs none.
package protocol WebhookSigning: Sendable {
    /// `Sentry-Hook-Signature`: lower-case hexadecimal, over the body alone.
    func hexadecimal(of body: [UInt8], secret: Secret) -> String

    /// `webhook-signature` of Standard Webhooks, over `id.timestamp.body`.
    ///
    /// - Parameter timestamp: seconds since the epoch, as in `webhook-timestamp`.
    /// - Returns: nil when the secret has no key for it (`SigningKey`).
    func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String?

    /// The same with a private key of Ed25519.
    ///
    /// - Returns: nil when `key` is none (`SigningKeyPair`).
    func asymmetric(id: String, timestamp: Int64, body: [UInt8], key: Secret) -> String?
}

/// Makes no signatures, for a planner that only explains: its webhooks are never sent.
package struct Unsigned: WebhookSigning {
    package init() {}

    package func hexadecimal(of body: [UInt8], secret: Secret) -> String { "" }

    package func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String? {
        SigningKey.standard(of: secret).map { _ in "" }
    }

    package func asymmetric(id: String, timestamp: Int64, body: [UInt8], key: Secret) -> String? { "" }
}
