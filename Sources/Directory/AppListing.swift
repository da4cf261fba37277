package import Model

/// What listing apps asks of the directory. Lists are read anew each time: they are asked for by people, seldom.
package protocol AppListing: Directory {
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
}
