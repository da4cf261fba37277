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
}
