import Model
import WireJSON

extension AuditEntry.Draft {
    /// An operator's act on an app, now, in the log of the organization that owns it (contract 7.8).
    init(event: Int, by operatorName: String, on app: SentryApp) {
        let data = JSONValue.object([JSONValue.Member(name: "name", value: .string(app.name))])
        self.init(
            organizationID: app.ownerID, event: event, actorLabel: operatorName, targetObject: app.ownerID,
            dataJSON: data.compactText, date: .now())
    }
}
