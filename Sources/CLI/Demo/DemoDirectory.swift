import Directory
import Management
import Model
import WireJSON

/// The demo's directory: organizations, users, apps and all other rows.
///
/// Ids begin at 9001, so that the demo's lists in a shared Redis do not collide with other apps'.
struct DemoDirectory {
    var document = DirectoryDocument()
    /// The token that reads the apps of acme, in clear.
    let readToken: String

    private let now: Timestamp
    private let receiver: String?
    private var random: DemoRandom

    /// - Parameters:
    ///   - receiver: the base URL of the apps' webhooks; nil = URLs of no real host.
    ///   - makeSecret: makes 64 random hexadecimal digits.
    init(seed: UInt64, now: Timestamp, receiver: String? = nil, makeSecret: () -> String) {
        self.now = now
        self.receiver = receiver
        random = DemoRandom(seed: seed)
        readToken = makeSecret()
        addOrganizations()
        addUsers()
        addApps(makeSecret: makeSecret)
        addProjects()
        addInstallations()
        addTokens(makeSecret: makeSecret)
        document.auditEntries = [
            AuditEntry(
                id: 9001, organizationID: 9001, event: 131, actorLabel: "Sentry", targetObject: 9001,
                dataJSON: "{\"name\":\"Pager Bridge\"}", date: now.adding(seconds: -20 * 86400))
        ]
    }

    private mutating func addOrganizations() {
        let named = [("acme", "Acme"), ("globex", "Globex"), ("initech", "Initech"), ("umbra", "Ümbra & Co")]
        let customers = (1...12).map { number in
            (number < 10 ? "customer-0\(number)" : "customer-\(number)", "Customer \(number)")
        }
        document.organizations = (named + customers).enumerated().map { index, names in
            Organization(id: 9001 + Int64(index), slug: names.0, name: names.1)
        }
    }

    private mutating func addUsers() {
        let people: [(String, String)] = [
            ("alice@acme.example", "Owner of Acme"), ("mona@acme.example", "Manager of Acme"),
            ("adam@acme.example", "Admin of Acme"), ("mark@acme.example", "Member of Acme"),
            ("olga@globex.example", "Owner of Globex"), ("otto@nowhere.example", "In no organization"),
            ("root@hookline.example", "Superuser"), ("gone@acme.example", "Former member of Acme"),
        ]
        document.users = people.enumerated().map { index, person in
            User(
                id: 9001 + Int64(index), username: person.0, email: person.0, name: person.1,
                isActive: person.0 != "gone@acme.example", isSuperuser: person.0 == "root@hookline.example")
        }
        document.memberships = [
            Membership(userID: 9001, organizationID: 9001, role: .owner),
            Membership(userID: 9002, organizationID: 9001, role: .manager),
            Membership(userID: 9003, organizationID: 9001, role: .admin),
            Membership(userID: 9004, organizationID: 9001, role: .member),
            Membership(userID: 9005, organizationID: 9002, role: .owner),
            Membership(userID: 9008, organizationID: 9001, role: .member),
        ]
    }

    private mutating func addApps(makeSecret: () -> String) {
        let plans = DemoApp.all
        for (index, plan) in plans.enumerated() {
            let id = 9001 + Int64(index)
            let proxy = User(
                id: 9101 + Int64(index), username: "\(plan.slug)@proxy.example", email: "\(plan.slug)@proxy.example",
                name: plan.name, isSentryApp: true)
            document.users.append(proxy)
            let components = plan.componentTypes.map {
                DirectoryDocument.Component(type: $0, schemaJSON: UIElement.complete(type: $0).compactText)
            }
            let elements = components.map(\.schemaJSON).joined(separator: ",")
            let added = now.adding(seconds: -Int64(120 - index) * 86400).truncatedToSeconds
            let app = SentryApp(
                id: id, slug: plan.slug, name: plan.name, ownerID: plan.ownerID, status: plan.status,
                uuid: DerivedUUID.text(kind: "app", id: id), author: plan.author, overview: plan.overview,
                webhookURL: webhookURL(of: plan), redirectURL: "https://\(plan.slug).example.com/setup",
                isAlertable: plan.isAlertable, verifyInstall: plan.status == .published, events: plan.subscriptions,
                scopes: [ScopeSet(.orgRead), ScopeSet(.eventRead), ScopeSet(.projectRead)],
                schemaJSON: components.isEmpty ? "{}" : "{\"elements\":[\(elements)]}", popularity: plan.popularity,
                proxyUserID: proxy.id, clientID: random.hexadecimal(digits: 64), clientSecret: Secret(makeSecret()),
                datePublished: plan.status == .published ? added.adding(seconds: 5 * 86400) : nil)
            document.apps.append(DirectoryDocument.AppEntry(app: app, dateAdded: added, components: components))
        }
    }

    private func webhookURL(of plan: DemoApp) -> String {
        receiver.map { "\($0)/hooks/\(plan.slug)" } ?? plan.webhookURL
    }

    private mutating func addProjects() {
        let names: [(String, Int64)] = [
            ("web", 9001), ("api", 9001), ("mobile", 9001), ("store", 9002), ("intranet", 9003),
        ]
        document.projects = names.enumerated().map { index, name in
            Project(id: 9001 + Int64(index), slug: name.0, organizationID: name.1)
        }
        for project in document.projects {
            for number in 0..<8 {
                // One in eight has not been grouped yet.
                let group = number == 7 ? nil : 9001 + project.id * 10 + Int64(number)
                document.issueEvents.append(
                    IssueEvent(
                        projectID: project.id, eventID: random.hexadecimal(digits: 32), groupID: group))
            }
        }
    }

    private mutating func addInstallations() {
        for (index, plan) in DemoApp.all.enumerated() {
            let appID = 9001 + Int64(index)
            var hosts = Set<Int64>()
            for number in 0..<plan.installationCount {
                let organizationID = number == 0 ? plan.ownerID : random.pick(document.organizations).id
                let age = Int64.random(in: 3600..<90 * 86400, using: &random)
                let added = now.adding(seconds: -age).truncatedToSeconds
                // An organization has one installation of an app at a time, and the owner's is never deleted.
                let isDeleted = number > 0 && (random.chance(percent: 30) || hosts.contains(organizationID))
                let lifetime = Int64.random(in: 600...age, using: &random)
                hosts.insert(organizationID)
                add(
                    appID: appID, organizationID: organizationID, plan: plan, added: added,
                    deleted: isDeleted ? added.adding(seconds: lifetime) : nil)
            }
        }
    }

    private mutating func add(
        appID: Int64, organizationID: Int64, plan: DemoApp, added: Timestamp, deleted: Timestamp?
    ) {
        let id = 9001 + Int64(document.installations.count)
        let installation = Installation(
            id: id, appID: appID, organizationID: organizationID,
            uuid: DerivedUUID.text(kind: "installation", id: id), dateAdded: added, dateDeleted: deleted)
        document.installations.append(
            DirectoryDocument.InstallationEntry(installation: installation, dateAdded: added))
        guard deleted == nil else { return }
        document.serviceHooks.append(
            ServiceHook(
                id: id, installationID: id, organizationID: organizationID, url: webhookURL(of: plan),
                events: plan.subscribedEvents))
    }

    private mutating func addTokens(makeSecret: () -> String) {
        func token(_ text: String, user: Int64, scope: Scope, name: String, expires: Timestamp? = nil) {
            document.tokens.append(
                DirectoryDocument.TokenEntry(
                    id: 9001 + Int64(document.tokens.count), digest: TokenDigest(hashing: text), userID: user,
                    scopes: ScopeSet(scope), name: name, expiresAt: expires, dateAdded: now.truncatedToSeconds))
        }
        token(readToken, user: 9001, scope: .orgRead, name: "demo: reads the apps of acme")
        token(makeSecret(), user: 9001, scope: .eventRead, name: "demo: without access to the log")
        token(
            makeSecret(), user: 9004, scope: .orgRead, name: "demo: expired",
            expires: now.adding(seconds: -86400).truncatedToSeconds)
        token(makeSecret(), user: 9101, scope: .orgRead, name: "demo: the app's own")
    }
}
