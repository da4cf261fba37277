package import Model

/// Lists pass through.
extension CachedDirectory: AppListing where Base: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try timed { () throws(DirectoryError) in
            try base.appSlugs(ownedBy: organizationIDs, status: status, limit: limit)
        }
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        try timed { () throws(DirectoryError) in try base.memberships(userID: userID) }
    }
}
