package import Model

/// What listing apps and their installations asks of the directory. Lists are read anew each time: they are asked for by people, seldom.
package protocol AppListing: DirectoryStore {
    /// The slugs of apps that are not deleted, the newest app first.
    ///
    /// - Parameters:
    ///   - organizationIDs: whose apps; nil = everybody's.
    ///   - status: only these; nil = whatever the status.
    ///   - limit: at most so many.
    func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String]

    /// Every place that the user has in an organization, in the order of the organizations' numbers.
    func memberships(userID: Int64) throws(DirectoryError) -> [Membership]

    /// The app's installations that are not deleted, in the order of the organizations' numbers.
    ///
    /// - Parameter limit: at most so many.
    func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation]

    /// The app's installation in the organization: the one that is not deleted, else the one that was added last.
    func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation?

    /// The app's installation that was added last, whether or not it is deleted.
    func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation?
}
