import Directory
import Model

/// The app and the installation that are asked about, as the directory has them: deleted ones, too.
struct WhyTarget {
    var app: SentryApp
    var installation: Installation?
    /// Nil when the directory does not have the installation's organization.
    var organization: Organization?
    /// The app's owner.
    var owner: Organization?

    /// How the installation is named on the command line.
    enum Choice {
        case uuid(String)
        case organization(slug: String)
        /// The only one there is.
        case only
    }

    init(app: SentryApp, installation: Installation?, organization: Organization?, owner: Organization?) {
        self.app = app
        self.installation = installation
        self.organization = organization
        self.owner = owner
    }

    /// Finds them.
    ///
    /// - Throws: `data` for what never was there: a slip of the one who asks.
    init(app slug: String, _ choice: Choice, in directory: SQLiteDirectory) throws(CommandFailure) {
        let document = try reportingDirectoryErrors { () throws(DirectoryError) in try directory.document() }
        let apps = document.apps.map(\.app).filter { $0.slug == slug }
        guard let app = apps.first(where: { $0.dateDeleted == nil }) ?? apps.first else {
            throw CommandFailure(.data, "the directory has no app with the slug \"\(slug)\"")
        }
        self.app = app
        owner = document.organizations.first { $0.id == app.ownerID }
        let own = document.installations.map(\.installation).filter { $0.appID == app.id }
        switch choice {
        case .uuid(let uuid): installation = try WhyTarget.installation(uuid: uuid, of: app, among: own)
        case .organization(let slug):
            guard let chosen = document.organizations.first(where: { $0.slug == slug }) else {
                throw CommandFailure(.data, "the directory has no organization with the slug \"\(slug)\"")
            }
            organization = chosen
            let there = own.filter { $0.organizationID == chosen.id }
            installation = there.first { $0.dateDeleted == nil } ?? there.last
        case .only: installation = try WhyTarget.only(of: app, among: own, document.organizations)
        }
        if let installation {
            organization = document.organizations.first { $0.id == installation.organizationID }
        }
    }

    private static func installation(
        uuid: String, of app: SentryApp, among own: [Installation]
    ) throws(CommandFailure) -> Installation {
        guard let found = own.first(where: { $0.uuid == uuid }) else {
            throw CommandFailure(.data, "the app \(app.slug) has no installation \"\(uuid)\"")
        }
        return found
    }

    /// Nil when there is none at all.
    private static func only(
        of app: SentryApp, among own: [Installation], _ organizations: [Organization]
    ) throws(CommandFailure) -> Installation? {
        let present = own.filter { $0.dateDeleted == nil }
        guard present.count > 1 else { return present.first ?? own.last }
        let lines = present.prefix(20).map { installation in
            let slug = organizations.first { $0.id == installation.organizationID }?.slug ?? "?"
            return "  \(installation.uuid)  \(slug)\n"
        }
        let rest = present.count > 20 ? "  … and \(present.count - 20) more\n" : ""
        throw CommandFailure(
            .data,
            "\(app.slug) has \(present.count) installations: name one with --installation or --organization\n"
                + lines.joined() + rest)
    }

    /// Why there is no point in looking at the event's way; nil when there is.
    func problem(for event: EventType) -> Finding? {
        if let deleted = app.dateDeleted {
            return .problem("app", "\(app.name) was deleted on \(deleted.truncatedToSeconds.iso8601Description)")
        }
        guard let installation else {
            let place = organization.map { "at \($0.slug)" } ?? "anywhere"
            return .problem("installation", "\(app.name) is not installed \(place)")
        }
        if let deleted = installation.dateDeleted, !installation.isPresent(for: event) {
            return .problem(
                "installation",
                "\(app.name) was uninstalled from \(organization?.slug ?? "its organization") on "
                    + "\(deleted.truncatedToSeconds.iso8601Description)")
        }
        return nil
    }
}
