package import Model
import WireJSON

extension AuditEntry.Draft {
    /// The entry about a target of an app's relay.
    ///
    /// - Parameters:
    ///   - event: that it was disabled or enabled.
    ///   - actorID: nil = not a user.
    package init(
        target: String, of app: SentryApp, event: Int, actorID: Int64? = nil, actorLabel: String, date: Timestamp
    ) {
        let members: [JSONValue.Member] = [
            .init(name: "name", value: .string(app.name)), .init(name: "target", value: .string(target)),
        ]
        self.init(
            organizationID: app.ownerID, event: event, actorID: actorID, actorLabel: actorLabel, targetObject: app.id,
            dataJSON: String(decoding: JSONValue.object(members).serialized(escaping: .ascii), as: UTF8.self),
            date: date)
    }
}
