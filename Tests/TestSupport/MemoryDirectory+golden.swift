import Directory
import Model

extension MemoryDirectory {
    /// The directory of a golden file.
    package init(golden document: GoldenValue) throws {
        self.init()
        organizations = document["organizations"].elements.map {
            Organization(id: $0.id("id"), slug: $0.text("slug"), name: $0.text("name"))
        }
        users = document["users"].elements.map {
            User(
                id: $0.id("id"), username: $0.text("email"), email: $0.text("email"), name: $0.text("name"),
                isSuperuser: $0["is_superuser"].bool == true, isSentryApp: $0["is_sentry_app"].bool == true)
        }
        memberships = document["memberships"].elements.map {
            Membership(
                userID: $0.id("user_id"), organizationID: $0.id("organization_id"),
                role: Role(rawValue: $0.text("role")) ?? .member,
                teamRoles: $0["team_org_roles"].elements.compactMap { $0.string.flatMap(Role.init(rawValue:)) })
        }
        installations = document["installations"].elements.map {
            Installation(
                id: $0.id("id"), appID: $0.id("app_id"), organizationID: $0.id("organization_id"),
                uuid: $0.text("uuid"), dateAdded: Timestamp(seconds: 0))
        }
        projects = document["projects"].elements.map {
            Project(id: $0.id("id"), slug: $0.text("slug"), organizationID: $0.id("organization_id"))
        }
        issueEvents = document["events"].elements.map {
            IssueEvent(
                projectID: $0.id("project_id"), eventID: $0.text("event_id"), groupID: $0["group_id"].integer)
        }
        loadApps(document)
        loadTokens(document)
    }

    private mutating func loadApps(_ document: GoldenValue) {
        for app in document["apps"].elements {
            var row = SentryApp(
                id: app.id("id"), slug: app.text("slug"), name: app.text("name"), ownerID: app.id("owner_id"),
                status: SentryApp.Status(name: app.text("status")) ?? .unpublished, uuid: app.text("uuid"),
                webhookURL: app["webhook_url"].string, events: app["events"].elements.compactMap(\.string),
                scopes: app.scopes, proxyUserID: app["proxy_user_id"].integer,
                clientSecret: Secret(app.text("client_secret")),
                dateAdded: app["date_added"].string.flatMap { Timestamp(parsing: $0) } ?? Timestamp(seconds: 0))
            row.customHeaders = app["headers"].elements.map(\.elements).map { header in
                SentryApp.CustomHeader(name: header[0].string ?? "", value: Secret(header[1].string ?? ""))
            }
            if case .object = app["metadata"] { row.metadataJSON = app["metadata"].text }
            if app["is_disabled"].bool == true {
                row.disablement = SentryApp.Disablement(date: row.dateAdded, reason: "", events: row.events)
            }
            apps.append(row)
            for type in app["components"].elements.compactMap(\.string) {
                components.append(
                    SentryAppComponent(id: Int64(components.count + 1), appID: app.id("id"), type: type))
            }
        }
    }

    private mutating func loadTokens(_ document: GoldenValue) {
        for token in document["tokens"].elements {
            tokens.append(
                APIToken(
                    id: Int64(tokens.count + 1), digest: TokenDigest(hashing: token.text("token")),
                    userID: token.id("user_id"), scopes: token.scopes))
        }
    }
}

extension GoldenValue {
    fileprivate func id(_ key: String) -> Int64 { self[key].integer ?? 0 }

    fileprivate func text(_ key: String) -> String { self[key].string ?? "" }

    fileprivate var scopes: ScopeSet {
        ScopeSet(self["scopes"].elements.compactMap { $0.string.flatMap(Scope.init(rawValue:)) })
    }
}
