package import Directory
package import Model

/// The app and the installation that an inquiry is about, as the directory has them: deleted ones, too.
package struct DiagnosisTarget: Sendable {
    package var app: SentryApp
    /// Nil when the app is not installed where it was looked for.
    package var installation: Installation?
    /// Where the app is, or is not, installed; nil when the directory does not have the organization.
    package var organization: Organization?
    /// The app's owner.
    package var owner: Organization?

    /// How the installation is named.
    package enum Choice: Hashable, Sendable {
        case uuid(String)
        case organization(slug: String)
        /// The only one there is.
        case only
    }

    /// Why there is no target: a slip of the one who asks, or a directory that cannot be asked.
    package enum Failure: Error {
        case unknownInstallation(uuid: String)
        case unknownOrganization(slug: String)
        /// The app has several installations, so that one must be named.
        case several
        case directory(DirectoryError)
    }

    package init(app: SentryApp, installation: Installation?, organization: Organization?, owner: Organization?) {
        self.app = app
        self.installation = installation
        self.organization = organization
        self.owner = owner
    }

    /// Finds what the choice names.
    package init(
        app: SentryApp, _ choice: Choice, in directory: any DeliveryDirectory & AppListing
    ) throws(Failure) {
        self.app = app
        do throws(DirectoryError) {
            owner = try directory.organization(id: app.ownerID)
        } catch {
            throw .directory(error)
        }
        switch choice {
        case .uuid(let uuid): try find(uuid: uuid, directory)
        case .organization(let slug): try find(organization: slug, directory)
        case .only: try findOnly(directory)
        }
    }

    private mutating func find(uuid: String, _ directory: any DeliveryDirectory) throws(Failure) {
        do throws(DirectoryError) {
            installation = try directory.installation(uuid: uuid)
            organization = try installation.flatMap { found throws(DirectoryError) in
                try directory.organization(id: found.organizationID)
            }
        } catch {
            throw .directory(error)
        }
        guard installation?.appID == app.id else { throw .unknownInstallation(uuid: uuid) }
    }

    private mutating func find(organization slug: String, _ directory: any AppListing) throws(Failure) {
        do throws(DirectoryError) {
            organization = try directory.organization(slug: slug)
            installation = try organization.flatMap { found throws(DirectoryError) in
                try directory.installation(appID: app.id, organizationID: found.id)
            }
        } catch {
            throw .directory(error)
        }
        guard organization != nil else { throw .unknownOrganization(slug: slug) }
    }

    private mutating func findOnly(_ directory: any AppListing) throws(Failure) {
        let isAmbiguous: Bool
        do throws(DirectoryError) {
            let present = try directory.installations(appID: app.id, limit: 2)
            isAmbiguous = present.count > 1
            installation = present.first
            if installation == nil { installation = try directory.lastInstallation(appID: app.id) }
            organization = try installation.flatMap { found throws(DirectoryError) in
                try directory.organization(id: found.organizationID)
            }
        } catch {
            throw .directory(error)
        }
        if isAmbiguous { throw .several }
    }

    /// Why there is no point in looking at the event's way; nil when there is.
    package func problem(for event: EventType) -> Diagnostic? {
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
