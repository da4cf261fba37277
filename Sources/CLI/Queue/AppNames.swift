import Directory
import Model

/// The slugs of apps by id, read once. Unknown ids have none; nor has any when the directory cannot be used: dead
/// letters can be listed without it.
final class AppNames {
    private let options: DirectoryOptions
    private var slugs: [Int64: String]?

    init(options: DirectoryOptions) {
        self.options = options
    }

    func slug(of id: Int64) -> String? {
        if slugs == nil { slugs = (try? read()) ?? [:] }
        return slugs?[id]
    }

    private func read() throws -> [Int64: String] {
        let entries = try options.reader().document().apps.filter { $0.app.dateDeleted == nil }
        return Dictionary(entries.map { ($0.app.id, $0.app.slug) }, uniquingKeysWith: { first, _ in first })
    }
}
