package import Model

/// Lists pass through.
extension CachedDirectory: AppListing where Base: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try memory.lookUp { () throws(DirectoryError) in
            try base.appSlugs(ownedBy: organizationIDs, status: status, limit: limit)
        }
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        try memory.lookUp { () throws(DirectoryError) in try base.memberships(userID: userID) }
    }

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try memory.lookUp { () throws(DirectoryError) in try base.installations(appID: appID, limit: limit) }
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try memory.lookUp { () throws(DirectoryError) in
            try base.installation(appID: appID, organizationID: organizationID)
        }
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try memory.lookUp { () throws(DirectoryError) in try base.lastInstallation(appID: appID) }
    }
}
