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

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        count("installations \(appID)")
        return try base.installations(appID: appID, limit: limit)
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        count("installation \(appID) \(organizationID)")
        return try base.installation(appID: appID, organizationID: organizationID)
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        count("last installation \(appID)")
        return try base.lastInstallation(appID: appID)
    }
}
