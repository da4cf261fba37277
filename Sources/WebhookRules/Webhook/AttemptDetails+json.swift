import Model
package import Queue
package import WireJSON

extension ArchivedEvent {
    /// The body of the event's webhook, the same in each attempt; nil when the payload is damaged.
    ///
    /// - Parameter names: the platform's, which is the actor of events without one.
    package func webhookBody(_ names: PlatformNames) -> [UInt8]? {
        if let relayed = RelayedWebhook(bytes: payload) { return relayed.body }
        guard let event = EventPayload(payload) else { return nil }
        return WebhookBody.bytes(
            action: event.action, installationUUID: event.installationUUID, data: payload[event.data],
            actor: event.actor.map { payload[$0] } ?? names.actorJSON[...])
    }
}

extension AttemptDetails {
    /// Members of a JSON object: `request`, and `response`, which is `null` without one.
    ///
    /// - Parameters:
    ///   - requestBody: nil = it is not kept: `null`.
    ///   - bodyLimit: bytes of the request's body that are shown.
    package func jsonMembers(requestBody: [UInt8]?, bodyLimit: Int) -> [JSONValue.Member] {
        let shown = requestBody.map { CutText.prefix($0, byteCount: bodyLimit) }
        let request = Self.members(requestHeaders, shown, isCut: (requestBody?.count ?? 0) > bodyLimit)
        let response = response.map { response in
            JSONValue.object(
                [.init(name: "status", value: .integer(response.status))]
                    + Self.members(response.headers, response.shownBody, isCut: response.isBodyCut))
        }
        return [.init(name: "request", value: .object(request)), .init(name: "response", value: response ?? .null)]
    }

    private static func members(_ list: HeaderList, _ body: ArraySlice<UInt8>?, isCut: Bool) -> [JSONValue.Member] {
        let headers = list.headers.map { header in
            JSONValue.object([
                .init(name: "name", value: .string(header.name)), .init(name: "value", value: .string(header.value)),
            ])
        }
        return [
            .init(name: "headers", value: .array(headers)), .init(name: "headersTruncated", value: .bool(list.isCut)),
            .init(name: "body", value: body.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null),
            .init(name: "bodyTruncated", value: .bool(isCut)),
        ]
    }
}

extension AttemptDetails.Response {
    /// The kept part of the body, without the beginning of a character that was cut.
    package var shownBody: ArraySlice<UInt8> { isBodyCut ? CutText.withoutPartialCharacter(body[...]) : body[...] }
}
