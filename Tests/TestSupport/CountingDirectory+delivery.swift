package import Directory
package import Model

extension CountingDirectory: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        count("app \(id)")
        return try base.app(id: id)
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        count("installation \(uuid)")
        return try base.installation(uuid: uuid)
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        count("hook \(installationID) \(organizationID)")
        return try base.serviceHook(installationID: installationID, organizationID: organizationID)
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        count("project \(slug) \(organizationID)")
        return try base.project(slug: slug, organizationID: organizationID)
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        count("owners \(organizationID)")
        return try base.owners(organizationID: organizationID)
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        count("disable \(appID)")
        return try base.disable(appID: appID, reason: reason, audit: audit, notifies: notifies)
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        count("enable \(appID)")
        return try base.enable(appID: appID, audit: audit)
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        count("notices")
        return try base.pendingNotices(limit: limit)
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        count("complete \(id)")
        try base.completeNotice(id: id)
    }
}
