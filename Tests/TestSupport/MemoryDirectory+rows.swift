package import Directory
package import Model
import System

/// The rows, to set up and to look at.
extension MemoryDirectory {
    package var organizations: [Organization] {
        get { rows.withLock { $0.organizations } }
        set { rows.withLock { $0.organizations = newValue } }
    }

    package var users: [User] {
        get { rows.withLock { $0.users } }
        set { rows.withLock { $0.users = newValue } }
    }

    package var memberships: [Membership] {
        get { rows.withLock { $0.memberships } }
        set { rows.withLock { $0.memberships = newValue } }
    }

    package var apps: [SentryApp] {
        get { rows.withLock { $0.apps } }
        set { rows.withLock { $0.apps = newValue } }
    }

    package var components: [SentryAppComponent] {
        get { rows.withLock { $0.components } }
        set { rows.withLock { $0.components = newValue } }
    }

    package var installations: [Installation] {
        get { rows.withLock { $0.installations } }
        set { rows.withLock { $0.installations = newValue } }
    }

    package var serviceHooks: [ServiceHook] {
        get { rows.withLock { $0.serviceHooks } }
        set { rows.withLock { $0.serviceHooks = newValue } }
    }

    package var projects: [Project] {
        get { rows.withLock { $0.projects } }
        set { rows.withLock { $0.projects = newValue } }
    }

    package var issueEvents: [IssueEvent] {
        get { rows.withLock { $0.issueEvents } }
        set { rows.withLock { $0.issueEvents = newValue } }
    }

    package var tokens: [APIToken] {
        get { rows.withLock { $0.tokens } }
        set { rows.withLock { $0.tokens = newValue } }
    }

    package var auditEntries: [AuditEntry] {
        get { rows.withLock { $0.auditEntries } }
        set { rows.withLock { $0.auditEntries = newValue } }
    }

    /// The notices that nobody has completed, the oldest first.
    package var notices: [DisablingNotice] { rows.withLock { $0.notices } }

    /// When set, every question and every change fails with it.
    package var failure: DirectoryError? {
        get { rows.withLock { $0.failure } }
        set { rows.withLock { $0.failure = newValue } }
    }
}
