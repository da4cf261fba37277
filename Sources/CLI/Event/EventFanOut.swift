import Directory
import Model
import WebhookRules
import WireJSON

/// Sends one event to every app that is installed in an organization, as `POST organizations/{slug}/webhook-events/`
/// does: each installation gets an entry of its own.
struct EventFanOut {
    /// The maximum number of installations, as over HTTP.
    private static let maximumInstallations = 1000

    let directory: any DirectoryDatabase
    let submitter: EventSubmitter
    let settings: DiagnosisSettings
    let organization: Organization

    /// What became of the event for one app.
    enum Outcome {
        case enqueued(id: String)
        /// A worker would drop it.
        case skipped(reason: String)
    }

    /// One installation and its outcome.
    struct Delivery {
        let app: SentryApp
        let installation: Installation
        let outcome: Outcome

        var json: JSONValue {
            let result: JSONValue.Member =
                switch outcome {
                case .enqueued(let id): .init(name: "id", value: .string(id))
                case .skipped(let reason): .init(name: "reason", value: .string(reason))
                }
            return .object([
                .init(name: "app", value: .string(app.slug)),
                .init(name: "installation", value: .string(installation.uuid)), result,
            ])
        }

        var cells: [String] {
            switch outcome {
            case .enqueued(let id): [app.slug, installation.uuid, id]
            case .skipped(let reason): [app.slug, installation.uuid, "not sent: \(reason)"]
            }
        }
    }

    /// Enqueues the event for each app that would get it.
    ///
    /// - Parameters:
    ///   - body: see `EventSubmitter.submit`.
    ///   - report: is called for each installation, so that what is in the queue is told before a failure.
    func send(
        _ event: EventType, _ body: JSONValue, text: [UInt8], project: Project?, idempotencyKey: String?,
        report: (Delivery) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        let installations = try reportingDirectoryErrors(
            try directory.installations(organizationID: organization.id, limit: Self.maximumInstallations + 1))
        guard installations.count <= Self.maximumInstallations else {
            throw CommandFailure(
                .data,
                "\(organization.slug) has more than \(Self.maximumInstallations) installations: send the event to each")
        }
        for installation in installations {
            // Deleted with its app: an installation that stayed behind.
            guard let app = try reportingDirectoryErrors(try directory.app(id: installation.appID)) else { continue }
            let target = DiagnosisTarget(
                app: app, installation: installation, organization: organization,
                owner: try reportingDirectoryErrors(try directory.organization(id: app.ownerID)))
            let diagnosis = DeliveryDiagnosis(
                target: target, event: event, project: project, settings: settings, audience: .operator, now: .now())
            if let reason = try reportingDirectoryErrors(try diagnosis.firstProblem(in: directory)) {
                try report(Delivery(app: app, installation: installation, outcome: .skipped(reason: reason)))
                continue
            }
            let outcome = try submitter.submit(
                body, text: text, installation: installation.uuid, idempotencyKey: idempotencyKey)
            switch outcome {
            case .accepted(let id), .duplicate(let id):
                try report(Delivery(app: app, installation: installation, outcome: .enqueued(id: id)))
            case .full(let limit):
                throw .queueIsFull(
                    limit,
                    "the event was not enqueued for \(app.slug) and those behind it. Repeat the command with the same "
                        + "--idempotency-key: it completes what is missing")
            }
        }
    }
}
