package import Directory
package import Model

extension MemoryDirectory: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try withRows { $0.apps.first { $0.id == id && $0.dateDeleted == nil } }
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try withRows { $0.installations.first { $0.uuid == uuid } }
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        let hooks = try withRows {
            $0.serviceHooks.filter { $0.installationID == installationID && $0.organizationID == organizationID }
        }
        guard hooks.count < 2 else {
            throw .corrupt(table: "service_hooks", reason: "installation \(installationID) has \(hooks.count) hooks")
        }
        return hooks.first
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try withRows { $0.projects.first { $0.slug == slug && $0.organizationID == organizationID } }
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try withRows { rows in
            let ids = rows.memberships.filter { $0.organizationID == organizationID && $0.role == .owner }.map(\.userID)
            return rows.users.filter { ids.contains($0.id) && $0.isActive }.sorted { $0.id < $1.id }
        }
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try withRows { rows in
            guard let index = rows.apps.firstIndex(where: { $0.id == appID && $0.dateDeleted == nil }),
                rows.apps[index].disablement == nil
            else { return false }
            rows.apps[index].disablement = SentryApp.Disablement(
                date: audit.date, reason: reason, events: rows.apps[index].events)
            rows.apps[index].events = []
            rows.record(audit)
            if notifies {
                rows.lastNoticeID += 1
                rows.notices.append(
                    DisablingNotice(
                        id: rows.lastNoticeID, appID: appID, organizationID: audit.organizationID, reason: reason,
                        date: audit.date))
            }
            return true
        }
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try withRows { rows in
            guard let index = rows.apps.firstIndex(where: { $0.id == appID && $0.dateDeleted == nil }),
                let disablement = rows.apps[index].disablement
            else { return false }
            rows.apps[index].events = disablement.events
            rows.apps[index].disablement = nil
            rows.notices.removeAll { $0.appID == appID }
            rows.record(audit)
            return true
        }
    }

    package func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        try withRows { $0.record(audit) }
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try withRows { Array($0.notices.prefix(max(0, limit))) }
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        try withRows { $0.notices.removeAll { $0.id == id } }
    }
}

extension MemoryDirectory.Rows {
    fileprivate mutating func record(_ draft: AuditEntry.Draft) {
        auditEntries.append(
            AuditEntry(
                id: (auditEntries.map(\.id).max() ?? 0) + 1, organizationID: draft.organizationID, event: draft.event,
                actorID: draft.actorID, actorLabel: draft.actorLabel, targetObject: draft.targetObject,
                dataJSON: draft.dataJSON, date: draft.date))
    }
}

extension MemoryDirectory: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try withRows { rows in
            let apps = rows.apps.filter { app in
                app.dateDeleted == nil && (organizationIDs?.contains(app.ownerID) ?? true)
                    && (status.map { $0 == app.status } ?? true)
            }
            let newestFirst = apps.sorted { ($0.dateAdded, $0.id) > ($1.dateAdded, $1.id) }
            return newestFirst.prefix(max(0, limit)).map(\.slug)
        }
    }

    package func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try withRows { rows in
            let ids = rows.apps.filter { $0.dateDeleted == nil && $0.id > id }.map(\.id)
            return Array(ids.sorted().prefix(max(0, limit)))
        }
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        try withRows { rows in
            rows.memberships.filter { $0.userID == userID }.sorted { $0.organizationID < $1.organizationID }
        }
    }

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try withRows { rows in
            let present = rows.installations.filter { $0.appID == appID && $0.dateDeleted == nil }
            return Array(
                present.sorted { ($0.organizationID, $0.id) < ($1.organizationID, $1.id) }.prefix(max(0, limit)))
        }
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try withRows { rows in
            let own = rows.installations.filter { $0.appID == appID && $0.organizationID == organizationID }
            return own.filter { $0.dateDeleted == nil }.latest ?? own.latest
        }
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try withRows { rows in rows.installations.filter { $0.appID == appID }.latest }
    }
}

extension [Installation] {
    fileprivate var latest: Installation? { self.max { ($0.dateAdded, $0.id) < ($1.dateAdded, $1.id) } }
}
