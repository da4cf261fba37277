import Management
import Model
import Queue
import WireJSON

/// `dead-letters/`: `GET` lists the dead letters of an app, oldest first; `DELETE` deletes them.
enum DeadLettersEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let acceptsDelete = true
    static let permission: any Permission.Type = DeadLetterPermission.self

    /// Dead letters that one `DELETE` deletes, so that it does not take long.
    private static let deletionLimit = 500

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let letters = try context.deadLetters()
        return context.method == .delete
            ? try delete(of: app, letters, context) : try list(of: app, letters, context)
    }

    private static func list(
        of app: SentryApp, _ letters: any DeadLetterManaging, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        let size = try Paging(context.parameters)?.rowsPerPage ?? Paging.maximumRowsPerPage
        var cursor: DeadLetterPage.Cursor?
        if let text = context.parameters.nonEmpty("after") {
            guard let after = DeadLetterPage.Cursor(text: text, appID: app.id) else {
                throw .badRequest("Invalid after parameter.")
            }
            cursor = after
        }
        let summary = try orUnavailable(HTTPFailure.stateUnavailable, letters.deadLetterSummary(appID: app.id))
        let page = try orUnavailable(
            HTTPFailure.stateUnavailable, letters.deadLetters(appID: app.id, after: cursor, count: size))
        var json = JSONObjectWriter()
        json.append("count", number: Int64(summary.count))
        json.append(
            "deadLetters",
            objects: page.letters.map { letter in
                var json = JSONObjectWriter()
                json.append(letter)
                return json.finish()
            })
        json.append("next", text: page.next?.text)
        return EndpointResult(body: json.finish())
    }

    private static func delete(
        of app: SentryApp, _ letters: any DeadLetterManaging, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        let oldest = try orUnavailable(
            HTTPFailure.stateUnavailable, letters.oldestDeadLetters(appID: app.id, limit: deletionLimit))
        var count = 0
        if !oldest.ids.isEmpty {
            try context.record(
                .deadLettersDeleted(count: oldest.ids.count, of: app, by: context.author, at: context.now()))
            count = try orUnavailable(
                HTTPFailure.stateUnavailable, letters.deleteDeadLetters(ids: oldest.ids, appID: app.id))
        }
        var json = JSONObjectWriter()
        json.append("deleted", number: Int64(count))
        json.append("hasMore", bool: oldest.hasMore)
        return EndpointResult(body: json.finish())
    }
}
