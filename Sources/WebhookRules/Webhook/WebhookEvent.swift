package import WireJSON

/// One event on its way to one installation: what the body and the headers of the webhook are made of (contract 7.2).
package struct WebhookEvent: Sendable {
    /// `issue` of `issue.created`.
    package var resource: String
    /// `created` of `issue.created`.
    package var action: String
    package var installationUUID: String
    /// What happened: one JSON value, members in the order they are sent.
    package var data: JSONValue
    package var actor: Actor

    /// Who caused the event.
    package enum Actor: Hashable, Sendable {
        /// Nobody in particular: the platform itself.
        case platform
        /// An app, by its proxy user.
        case app(uuid: String, name: String)
        case user(id: Int64, name: String)
        /// As whoever enqueued the event gave it: an object with `type`, `id` and `name`.
        case given(JSONValue)
    }

    package init(
        resource: String, action: String, installationUUID: String, data: JSONValue, actor: Actor = .platform
    ) {
        self.resource = resource
        self.action = action
        self.installationUUID = installationUUID
        self.data = data
        self.actor = actor
    }

    /// The body as it is sent and signed: compact, keys in the order of the contract, ASCII only.
    package var body: [UInt8] {
        WebhookBody.bytes(
            action: action, installationUUID: installationUUID, data: data.serialized(escaping: .ascii)[...],
            actor: actor.json.map { $0.serialized(escaping: .ascii)[...] })
    }
}

extension WebhookEvent.Actor {
    /// As it is sent; nil for the platform itself.
    package var json: JSONValue? {
        switch self {
        case .platform: nil
        case .app(let uuid, let name): object(type: "application", id: .string(uuid), name: name)
        case .user(let id, let name): object(type: "user", id: .number(String(id)), name: name)
        case .given(let actor): actor
        }
    }

    private func object(type: String, id: JSONValue, name: String) -> JSONValue {
        .object([
            .init(name: "type", value: .string(type)), .init(name: "id", value: id),
            .init(name: "name", value: .string(name)),
        ])
    }
}
