import Model
import TestSupport

@testable import Directory

/// The implementations that must behave the same.
enum DeliveryCase: CaseIterable, Sendable {
    case sqlite
    case memory
    case cached
    case postgreSQL

    /// A directory with the rows of `document`, and what keeps its file.
    func make(_ document: DirectoryDocument = .sample) throws -> Subject {
        switch self {
        case .sqlite:
            let fixture = try DirectoryCase.sqlite.make(document)
            return Subject(directory: fixture.directory, fixture: fixture, memory: nil)
        case .postgreSQL:
            let fixture = try DirectoryCase.postgreSQL.make(document)
            return Subject(directory: fixture.directory, fixture: fixture, memory: nil)
        case .cached:
            let fixture = try DirectoryCase.sqlite.make(document)
            return Subject(directory: CachedDirectory(fixture.directory), fixture: fixture, memory: nil)
        case .memory:
            var memory = MemoryDirectory()
            memory.organizations = document.organizations
            memory.users = document.users
            memory.memberships = document.memberships
            memory.apps = document.apps.map(\.app)
            memory.installations = document.installations.map(\.installation)
            memory.serviceHooks = document.serviceHooks
            memory.projects = document.projects
            memory.auditEntries = document.auditEntries
            return Subject(directory: memory, fixture: nil, memory: memory)
        }
    }

    struct Subject {
        let directory: any DeliveryDirectory
        let fixture: StoreFixture?
        let memory: MemoryDirectory?

        /// Keeps the directory's file until here.
        func keep() {
            withExtendedLifetime(fixture) {}
        }

        func auditEntries() throws -> [AuditEntry] {
            try memory?.auditEntries ?? fixture?.directory.document().auditEntries ?? []
        }
    }
}

extension AuditEntry.Draft {
    /// The entry of disabling the app `full`.
    static func disabling(at seconds: Int64 = 50) -> AuditEntry.Draft {
        AuditEntry.Draft(
            organizationID: 1, event: AuditEntry.appDisabled, actorLabel: "Sentry", targetObject: 1,
            dataJSON: #"{"name":"Full"}"#, date: Timestamp(seconds: seconds))
    }

    /// The entry of enabling it again.
    static func enabling(at seconds: Int64 = 60) -> AuditEntry.Draft {
        AuditEntry.Draft(
            organizationID: 1, event: AuditEntry.appEnabled, actorID: 1, actorLabel: "alice", targetObject: 1,
            date: Timestamp(seconds: seconds))
    }
}
