import Model
import WireJSON

/// An installation in JSON, as the original shows it.
enum InstallationDocument {
    static func json(of installation: Installation, _ app: SentryApp, _ organization: Organization) -> [UInt8] {
        var appPart = JSONObjectWriter()
        appPart.append("uuid", text: app.uuid)
        appPart.append("slug", text: app.slug)
        var organizationPart = JSONObjectWriter()
        organizationPart.append("slug", text: organization.slug)
        var json = JSONObjectWriter()
        json.append("app", json: appPart.finish())
        json.append("organization", json: organizationPart.finish())
        json.append("uuid", text: installation.uuid)
        json.append("status", text: installation.status.name)
        return json.finish()
    }
}
