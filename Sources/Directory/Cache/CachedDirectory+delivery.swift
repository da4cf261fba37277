package import Model

/// What delivery looks up is cached like everything else, except owners and notices, which are looked up seldom.
extension CachedDirectory: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try lookUps.value(appsByID, id, base.app(id: id))
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try lookUps.value(installationsByUUID, ExactString(uuid), name: uuid, base.installation(uuid: uuid))
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        try lookUps.value(
            serviceHooks, PairKey(first: installationID, second: organizationID),
            base.serviceHook(installationID: installationID, organizationID: organizationID))
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try lookUps.value(
            projectsBySlug, NameKey(owner: organizationID, name: ExactString(slug)), name: slug,
            base.project(slug: slug, organizationID: organizationID))
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try lookUps.uncached(base.owners(organizationID: organizationID))
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try lookUps.change(base.disable(appID: appID, reason: reason, audit: audit, notifies: notifies))
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try lookUps.change(base.enable(appID: appID, audit: audit))
    }

    package func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        try base.record(audit)
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try lookUps.uncached(base.pendingNotices(limit: limit))
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        try base.completeNotice(id: id)
    }
}
