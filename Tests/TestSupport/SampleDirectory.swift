import Directory
import Model

/// A directory file with one organization, its owner and a published app.
package enum SampleDirectory {
    package static let user = "owner@acme.test"
    package static let appID: Int64 = 1
    /// The parameters of a request whose user the web server has checked.
    package static let signedIn = [("AUTH_TYPE", "Basic"), ("REMOTE_USER", user)]
    /// A path whose response needs Redis.
    package static let log = "/api/0/sentry-apps/sample-app/requests/"

    /// Makes the file in `directory` and returns the setting for it.
    package static func make(in directory: TemporaryDirectory) throws -> String {
        var document = DirectoryDocument()
        document.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        document.users = [User(id: 1, username: user, email: user, name: "Owner")]
        document.memberships = [Membership(userID: 1, organizationID: 1, role: .owner)]
        let app = SentryApp(
            id: appID, slug: "sample-app", name: "Sample", ownerID: 1, status: .published,
            uuid: "a8e5d37a-696c-4c54-adb5-b3f28d64c7de", dateAdded: Timestamp(seconds: 0))
        document.apps = [DirectoryDocument.AppEntry(app: app, dateAdded: nil, components: [])]
        let path = directory.file("directory.sqlite")
        try SQLiteDirectoryWriter(path: path).importDocument(document, isReplacing: false, at: Timestamp(seconds: 0))
        return "sqlite:\(path)"
    }
}
