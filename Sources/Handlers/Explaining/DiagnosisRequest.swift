import Buffer
import Directory
import Model
import WebhookRules

/// What a call about an event's way names, looked up: the event, whose installation, and the project.
struct DiagnosisRequest {
    let event: EventType
    let target: DiagnosisTarget
    let project: Project?
    /// What of it the caller may know.
    let audience: Audience

    /// What a query or a body names; what is absent or empty is nil.
    struct Names {
        var eventType: String?
        var organizationSlug: String?
        var project: EventSubmission.ProjectName?
    }

    /// Fails with 400 for names that lead nowhere, and where the app has several installations and none is named.
    init(_ names: Names, of call: AppRequestContext) throws(HTTPFailure) {
        let dependencies = call.dependencies
        event = EventType(rawValue: names.eventType ?? "")
        guard dependencies.events.contains(event) else { throw .badRequest("Invalid event type.") }
        do {
            target = try DiagnosisTarget(
                app: call.app, names.organizationSlug.map { .organization(slug: $0) } ?? .only,
                in: dependencies.directory)
        } catch {
            throw try Self.failure(error, of: call)
        }
        let seesProjects = try Self.seesProjects(of: target.organization, call)
        audience = .user(seesProjects: seesProjects)
        project = try Self.project(
            names.project, in: seesProjects ? target.organization : nil, dependencies.directory)
    }

    /// Asks about the way of the event.
    func inquiry(of call: AppRequestContext) -> DeliveryDiagnosis {
        var settings = call.dependencies.explanation
        settings.plan.events = call.dependencies.events
        return DeliveryDiagnosis(
            target: target, event: event, project: project, settings: settings, audience: audience,
            now: call.dependencies.clock.now())
    }

    private static func failure(_ failure: DiagnosisTarget.Failure, of call: AppRequestContext) throws(HTTPFailure)
        -> HTTPFailure
    {
        switch failure {
        case .directory(let error): .unavailable(error)
        case .unknownOrganization, .unknownInstallation: .badRequest("Invalid organization.")
        case .several: try VisibleInstallations(call).choice()
        }
    }

    private static func seesProjects(of organization: Organization?, _ call: AppRequestContext) throws(HTTPFailure)
        -> Bool
    {
        if call.caller.isActiveSuperuser { return true }
        guard let organization else { return false }
        let scopes = try AppAccess.scopes(
            of: call.caller, in: organization.id, directory: call.dependencies.directory)
        return !scopes.isDisjoint(with: .organizationReaders)
    }

    /// Nil when none is named.
    ///
    /// - Parameter organization: nil for callers who may not know its projects: to them none exists.
    private static func project(
        _ name: EventSubmission.ProjectName?, in organization: Organization?, _ directory: any DeliveryDirectory
    ) throws(HTTPFailure) -> Project? {
        guard let name else { return nil }
        guard let organization else { throw .badRequest("Invalid project.") }
        let found: Project?
        do {
            found = try name.project(in: organization.id, directory: directory)
        } catch {
            throw .unavailable(error)
        }
        guard let found else { throw .badRequest("Invalid project.") }
        return found
    }
}
