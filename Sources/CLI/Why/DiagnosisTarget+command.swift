import Directory
import Model
import WebhookRules

extension DiagnosisTarget {
    /// Installations that are named when one has to be chosen.
    private static let namedCount = 20

    /// Finds an app and an installation of it, deleted ones, too.
    ///
    /// - Throws: `data` for what never was there: a slip of the one who asks.
    static func find(
        app slug: String, _ choice: Choice, in directory: SQLiteDirectory
    ) throws(CommandFailure) -> DiagnosisTarget {
        let app = try reportingDirectoryErrors { () throws(DirectoryError) in
            try directory.anyApp(slug: slug)
        }
        guard let app else {
            throw CommandFailure(.data, "the directory has no app with the slug \"\(slug)\"")
        }
        do throws(Failure) {
            return try DiagnosisTarget(app: app, choice, in: directory)
        } catch {
            throw try failure(error, app, directory)
        }
    }

    private static func failure(
        _ failure: Failure, _ app: SentryApp, _ directory: SQLiteDirectory
    ) throws(CommandFailure) -> CommandFailure {
        switch failure {
        case .directory(let error): CommandFailure(error)
        case .unknownInstallation(let uuid):
            CommandFailure(.data, "the app \(app.slug) has no installation \"\(uuid)\"")
        case .unknownOrganization(let slug):
            CommandFailure(.data, "the directory has no organization with the slug \"\(slug)\"")
        case .several:
            try reportingDirectoryErrors { () throws(DirectoryError) in try severalInstallations(app, directory) }
        }
    }

    private static func severalInstallations(
        _ app: SentryApp, _ directory: SQLiteDirectory
    ) throws(DirectoryError) -> CommandFailure {
        let statistics = try directory.installationStatistics(appID: app.id, addedIn: app.dateAdded...app.dateAdded)
        let count = statistics.totalInstalls - statistics.totalUninstalls
        var lines = ""
        for installation in try directory.installations(appID: app.id, limit: namedCount) {
            let slug = try directory.organization(id: installation.organizationID)?.slug ?? "?"
            lines += "  \(installation.uuid)  \(slug)\n"
        }
        let rest = count > namedCount ? "  … and \(count - namedCount) more\n" : ""
        return CommandFailure(
            .data,
            "\(app.slug) has \(count) installations: name one with --installation or --organization\n" + lines + rest)
    }
}
