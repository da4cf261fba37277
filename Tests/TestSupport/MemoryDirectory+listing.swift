package import Directory
package import Model

extension MemoryDirectory: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try answer { rows in
            let apps = rows.apps.filter { app in
                app.dateDeleted == nil && (organizationIDs?.contains(app.ownerID) ?? true)
                    && (status.map { $0 == app.status } ?? true)
            }
            let newestFirst = apps.sorted { ($0.dateAdded, $0.id) > ($1.dateAdded, $1.id) }
            return newestFirst.prefix(max(0, limit)).map(\.slug)
        }
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        try answer { rows in
            rows.memberships.filter { $0.userID == userID }.sorted { $0.organizationID < $1.organizationID }
        }
    }

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try answer { rows in
            let present = rows.installations.filter { $0.appID == appID && $0.dateDeleted == nil }
            return Array(
                present.sorted { ($0.organizationID, $0.id) < ($1.organizationID, $1.id) }.prefix(max(0, limit)))
        }
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try answer { rows in
            let own = rows.installations.filter { $0.appID == appID && $0.organizationID == organizationID }
            return own.filter { $0.dateDeleted == nil }.latest ?? own.latest
        }
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try answer { rows in rows.installations.filter { $0.appID == appID }.latest }
    }
}

extension [Installation] {
    fileprivate var latest: Installation? { self.max { ($0.dateAdded, $0.id) < ($1.dateAdded, $1.id) } }
}
