import Buffer
import Model

/// What a `POST interaction/` says was used (contract 3.4).
struct InteractionReport {
    private static let viewed = "sentry_app_viewed"
    private static let componentInteracted = "sentry_app_component_interacted"
    private static let componentTypes = ["stacktrace-link", "issue-link"]

    private let field: String
    private let componentType: String?

    /// Fails with 400 and the original's messages. A body that is no object, or a field that is no text, crashes the
    /// original; here both count as a missing field (design, D15).
    init(_ body: RequestBody) throws(HTTPFailure) {
        guard let field = body.text("tsdbField"),
            field == InteractionReport.viewed || field == InteractionReport.componentInteracted
        else {
            throw .badRequest(
                "The tsdbField must be one of: \(InteractionReport.viewed), \(InteractionReport.componentInteracted)")
        }
        componentType = body.text("componentType")
        self.field = field
        guard field == InteractionReport.viewed || InteractionReport.componentTypes.contains(componentType ?? "") else {
            let types = InteractionReport.componentTypes.map { "'\($0)'" }.joined(separator: ", ")
            throw .badRequest("The field componentType is required and must be one of [\(types)]")
        }
    }

    /// The series to count in. The component need not be one of the app's.
    func key(for app: SentryApp) -> InteractionKey {
        guard field == InteractionReport.componentInteracted, let componentType else {
            return .viewed(appID: app.id)
        }
        return .componentInteracted(appSlug: app.slug, componentType: componentType)
    }
}
