import Buffer
package import Directory
package import Model

extension EventSubmission.ProjectName {
    /// The project of this name; nil when the organization has none.
    package func project(
        in organizationID: Int64, directory: any DeliveryDirectory
    ) throws(DirectoryError) -> Project? {
        let found =
            switch self {
            case .id(let id): try directory.project(id: id)
            case .slug(let slug): try directory.project(slug: slug, organizationID: organizationID)
            }
        return found?.organizationID == organizationID ? found : nil
    }
}
