package import Directory
package import Model

/// The app and the installation that a diagnosis is about, as the directory has them; they may be deleted.
package struct DiagnosisTarget: Sendable {
    package var app: SentryApp
    /// Nil when the app is not installed there.
    package var installation: Installation?
    /// Where the app is, or is not, installed; nil when it does not exist.
    package var organization: Organization?
    /// The app's owner.
    package var owner: Organization?

    /// How the installation is chosen.
    package enum Choice: Hashable, Sendable {
        case uuid(String)
        case organization(slug: String)
        /// The app's only installation.
        case only
    }

    /// Why there is no target: an invalid choice, or an unavailable directory.
    package enum Failure: Error {
        case unknownInstallation(uuid: String)
        case unknownOrganization(slug: String)
        /// The app has several installations: one must be chosen.
        case several
        case directory(DirectoryError)
    }

    package init(app: SentryApp, installation: Installation?, organization: Organization?, owner: Organization?) {
        self.app = app
        self.installation = installation
        self.organization = organization
        self.owner = owner
    }

    /// Looks up the chosen installation.
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

    /// Why the rules need not be evaluated at all; nil when they must be.
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
