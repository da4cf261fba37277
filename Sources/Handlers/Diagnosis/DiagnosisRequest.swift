import Buffer
import Directory
import Model
import WebhookRules
import WireJSON

/// What a request for a diagnosis refers to, looked up: the event, the installation and the project.
struct DiagnosisRequest {
    let event: EventType
    let target: DiagnosisTarget
    let project: Project?
    /// What the caller may see of it.
    let audience: DiagnosisAudience

    /// The names in a query or a body; what is absent or empty is nil.
    struct Names {
        var eventType: String?
        var organizationSlug: String?
        var project: EventSubmission.ProjectName?
    }

    /// Fails with 400 for unknown names, and where the app has several installations and none is named.
    init(_ names: Names, of app: SentryApp, _ context: borrowing RequestContext) throws(HTTPFailure) {
        event = EventType(rawValue: names.eventType ?? "")
        guard try context.events(of: app).contains(event) else { throw .badRequest("Invalid event type.") }
        do {
            target = try DiagnosisTarget(
                app: app, names.organizationSlug.map { .organization(slug: $0) } ?? .only, in: context.directory)
        } catch {
            throw try Self.failure(error, of: app, context)
        }
        let seesProjects = try Self.seesProjects(of: target.organization, context)
        audience = .user(seesProjects: seesProjects)
        project = try Self.project(
            names.project, in: seesProjects ? target.organization : nil, context.directory)
    }

    /// The diagnosis of the event's delivery.
    func diagnosis(in context: borrowing RequestContext) -> DeliveryDiagnosis {
        var settings = context.dependencies.diagnosis
        settings.plan.events = context.events
        return DeliveryDiagnosis(
            target: target, event: event, project: project, settings: settings, audience: audience, now: context.now())
    }

    private static func failure(
        _ failure: DiagnosisTarget.Failure, of app: SentryApp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> HTTPFailure {
        switch failure {
        case .directory(let error): .directoryUnavailable(error)
        case .unknownOrganization, .unknownInstallation: .badRequest("Invalid organization.")
        case .several: try VisibleInstallations.ambiguity(of: app, context)
        }
    }

    private static func seesProjects(
        of organization: Organization?, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> Bool {
        if context.caller.isActiveSuperuser { return true }
        guard let organization else { return false }
        let scopes = try context.access.scopes(of: context.caller, in: organization.id)
        return !scopes.isDisjoint(with: .organizationReaders)
    }

    /// Nil when none is named.
    ///
    /// - Parameter organization: nil for callers who may not see its projects: to them none exists.
    private static func project(
        _ name: EventSubmission.ProjectName?, in organization: Organization?, _ directory: any DeliveryDirectory
    ) throws(HTTPFailure) -> Project? {
        guard let name else { return nil }
        guard let organization,
            let project = try orUnavailable(name.project(in: organization.id, directory: directory))
        else { throw .badRequest("Invalid project.") }
        return project
    }
}

extension DiagnosisRequest.Names {
    private static let known = ["eventType", "organizationSlug", "project"]
    static let outline = JSONOutline(known)

    /// The names in a body; invalid ones are added to `problems`.
    ///
    /// Unknown members of JSON are invalid: a mistyped name must not send an event to another installation.
    init(_ body: RequestBody, problems: inout FieldProblems) {
        switch body {
        case .empty: break
        case .form(let fields):
            eventType = fields.nonEmpty("eventType")
            organizationSlug = fields.nonEmpty("organizationSlug")
            project = fields.nonEmpty("project").map { EventSubmission.ProjectName($0) }
        case .json(let value):
            guard case .object(let members) = value else {
                problems.add("non_field_errors", "Invalid data. Expected an object, but got \(value.kind).")
                return
            }
            eventType = Self.string(value["eventType"], "eventType", &problems)
            organizationSlug = Self.string(value["organizationSlug"], "organizationSlug", &problems)
            project = EventSubmission.project(value["project"], problems: &problems)
            problems.addUnknown(members, known: Self.known)
        }
    }

    private static func string(_ value: JSONValue?, _ name: String, _ problems: inout FieldProblems) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let string): return string.isEmpty ? nil : string
        default:
            problems.add(name, "Not a valid string.")
            return nil
        }
    }
}
