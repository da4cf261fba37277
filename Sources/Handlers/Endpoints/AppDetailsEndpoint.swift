import Directory
import Model
import WireJSON

/// `GET` of an app itself: what its dashboard and its settings page show (contract 4.2).
enum AppDetailsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = DetailsPermission.self

    static func respond(to call: AppCall) throws(HTTPFailure) -> Reply {
        let app = call.app
        var json = JSONObjectWriter()
        json.append("allowedOrigins", texts: app.allowedOrigins)
        json.append("author", text: app.author)
        json.append("avatars", objects: app.avatars.map(avatar))
        json.append("events", texts: resources(of: app.events))
        json.append("featureData", objects: app.status == .internal ? [] : app.features.map(feature))
        json.append("isAlertable", bool: app.isAlertable)
        json.append("name", text: app.name)
        json.append("overview", text: app.overview)
        json.append("popularity", number: Int64(app.popularity))
        json.append("redirectUrl", text: app.redirectURL)
        json.append("schema", json: Array(app.schemaJSON.utf8))
        json.append("scopes", texts: app.scopes.scopes.map(\.rawValue))
        json.append("slug", text: app.slug)
        json.append("status", text: app.status.name)
        json.append("uuid", text: app.uuid)
        json.append("verifyInstall", bool: app.verifyInstall)
        json.append("webhookUrl", text: app.webhookURL)
        if app.status == .published, let date = app.datePublished {
            json.append("datePublished", text: date.iso8601Description)
        }
        try appendOwnersPart(call, to: &json)
        return Reply(body: json.finish())
    }

    /// Only for members of the owning organization and active superusers. The secret is for those who hold every scope
    /// that the app has, since with it they can act as the app.
    private static func appendOwnersPart(_ call: AppCall, to json: inout JSONObjectWriter) throws(HTTPFailure) {
        let directory = call.dependencies.directory
        let app = call.app
        let isMember = try AppAccess.isMember(call.caller, of: app.ownerID, directory: directory)
        guard isMember || call.caller.isActiveSuperuser else { return }

        var scopes = ScopeSet.all
        if !call.caller.isActiveSuperuser {
            scopes = try AppAccess.scopes(of: call.caller, in: app.ownerID, directory: directory)
        }
        json.append("clientId", text: app.clientID)
        json.append(
            "clientSecret",
            text: scopes.isSuperset(of: app.scopes) ? app.clientSecret.exposed : String(repeating: "*", count: 64))
        var owner = JSONObjectWriter()
        owner.append("id", number: app.ownerID)
        owner.append("slug", text: try slug(ofOrganization: app.ownerID, directory: directory))
        json.append("owner", json: owner.finish())
    }

    private static func slug(ofOrganization id: Int64, directory: any Directory) throws(HTTPFailure) -> String? {
        do {
            return try directory.organization(id: id)?.slug
        } catch {
            throw .unavailable(error)
        }
    }

    /// `issue.created` and `issue.resolved` are both of the resource `issue`, which is what the settings page offers.
    private static func resources(of events: [String]) -> [String] {
        var seen = Set<Substring>()
        return events.compactMap { $0.split(separator: ".").first }.filter { seen.insert($0).inserted }.map(String.init)
    }

    private static func avatar(_ avatar: SentryApp.Avatar) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("avatarType", text: avatar.type)
        json.append("avatarUuid", text: avatar.uuid)
        json.append("color", bool: avatar.isColor)
        return json.finish()
    }

    private static func feature(_ feature: SentryApp.Feature) -> [UInt8] {
        var json = JSONObjectWriter()
        json.append("featureId", number: feature.id)
        json.append("featureGate", text: feature.gate)
        json.append("description", text: feature.description)
        return json.finish()
    }
}
