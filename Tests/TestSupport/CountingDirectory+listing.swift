package import Directory
package import Model

extension CountingDirectory: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        count("app slugs")
        return try base.appSlugs(ownedBy: organizationIDs, status: status, limit: limit)
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        count("memberships \(userID)")
        return try base.memberships(userID: userID)
    }
}
