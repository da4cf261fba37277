package import Directory
package import Model

extension MemoryDirectory: DeliveryDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try answer { $0.apps.first { $0.id == id && $0.dateDeleted == nil } }
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try answer { $0.installations.first { $0.uuid == uuid } }
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        let hooks = try answer {
            $0.serviceHooks.filter { $0.installationID == installationID && $0.organizationID == organizationID }
        }
        guard hooks.count < 2 else {
            throw .corrupt(table: "service_hooks", reason: "installation \(installationID) has \(hooks.count) hooks")
        }
        return hooks.first
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try answer { $0.projects.first { $0.slug == slug && $0.organizationID == organizationID } }
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try answer { rows in
            let ids = rows.memberships.filter { $0.organizationID == organizationID && $0.role == .owner }.map(\.userID)
            return rows.users.filter { ids.contains($0.id) && $0.isActive }.sorted { $0.id < $1.id }
        }
    }

    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try answer { rows in
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
        try answer { rows in
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

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try answer { Array($0.notices.prefix(max(0, limit))) }
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        try answer { $0.notices.removeAll { $0.id == id } }
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
