package import Model

/// What delivery asks is remembered like the rest; owners and notices, which are asked for seldom, are not.
extension CachedDirectory: DeliveryDirectory where Base: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try memory.answer(appsByID, id) { () throws(DirectoryError) in try base.app(id: id) }
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try memory.answer(installationsByUUID, ExactText(uuid), name: uuid) { () throws(DirectoryError) in
            try base.installation(uuid: uuid)
        }
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        try memory.answer(serviceHooks, PairKey(first: installationID, second: organizationID)) {
            () throws(DirectoryError) in
            try base.serviceHook(installationID: installationID, organizationID: organizationID)
        }
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try memory.answer(projectsBySlug, TextKey(owner: organizationID, text: ExactText(slug)), name: slug) {
            () throws(DirectoryError) in
            try base.project(slug: slug, organizationID: organizationID)
        }
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try base.owners(organizationID: organizationID)
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try memory.change { () throws(DirectoryError) in
            try base.disable(appID: appID, reason: reason, audit: audit, notifies: notifies)
        }
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try memory.change { () throws(DirectoryError) in try base.enable(appID: appID, audit: audit) }
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try base.pendingNotices(limit: limit)
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        try base.completeNotice(id: id)
    }
}
