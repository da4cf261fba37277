import Model
import System

/// One page of a list, requested with `per_page` and `cursor` in the original's way (docs/compatibility.md D9).
///
/// A cursor is `value:offset:isPrevious`; for lists like this one only the offset, in rows, has a meaning.
struct Paging: Equatable {
    static let maximumRowsPerPage = 100

    /// The maximum length of the `Link` header, in bytes. Apache accepts lines of at most 8 KiB from a CGI program, and
    /// all headers must fit into nginx's `fastcgi_buffer_size`, which `hookline.backend` sets to 16 KiB.
    static let maximumLinkBytes = 7 << 10

    let rowsPerPage: Int
    let offset: Int

    init(rowsPerPage: Int, offset: Int) {
        self.rowsPerPage = rowsPerPage
        self.offset = offset
    }

    /// Nil when neither parameter is there: then the response has the whole list. Fails with 400 for values that are
    /// not of the form or out of range.
    init?(_ parameters: QueryParameters) throws(HTTPFailure) {
        let size = parameters["per_page"]
        let cursor = parameters["cursor"]
        if size == nil, cursor == nil { return nil }

        rowsPerPage =
            try size.map { (text) throws(HTTPFailure) in try Paging.rowsPerPage(text) } ?? Paging.maximumRowsPerPage
        offset = try cursor.map { (text) throws(HTTPFailure) in try Paging.offset(text) } ?? 0
    }

    /// The rows of this page among `count`; empty after the end.
    func range(of count: Int) -> Range<Int> {
        let lower = min(offset, count)
        return lower..<min(lower + rowsPerPage, count)
    }

    /// The value of the `Link` header: the pages before and after this one, and whether they have any rows.
    ///
    /// Fails with 414 when the query is so long that the header would exceed `maximumLinkBytes`.
    func link(
        rowCount: Int, path: String, request: Request, parameters: QueryParameters
    ) throws(HTTPFailure) -> String {
        let base = Paging.address(path: path, request: request, parameters: parameters)
        let hasNext = offset < rowCount - rowsPerPage
        let previous = "0:\(max(0, offset - rowsPerPage)):1"
        let next = "0:\(min(offset, rowCount) + rowsPerPage):0"
        let link = [("previous", offset > 0, previous), ("next", hasNext, next)].map { name, hasRows, cursor in
            "<\(base)&cursor=\(cursor)>; rel=\"\(name)\"; results=\"\(hasRows)\"; cursor=\"\(cursor)\""
        }.joined(separator: ", ")
        guard link.utf8.count <= Paging.maximumLinkBytes else { throw .linkTooLong(limit: Paging.maximumLinkBytes) }
        return link
    }

    private static func rowsPerPage(_ text: String) throws(HTTPFailure) -> Int {
        guard let value = PythonNumber.int(text) else { throw .badRequest("Invalid per_page parameter.") }
        guard (1...maximumRowsPerPage).contains(value) else {
            throw .badRequest("Invalid per_page value. Must be between 1 and \(maximumRowsPerPage).")
        }
        return value
    }

    private static func offset(_ text: String) throws(HTTPFailure) -> Int {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { PythonNumber.int($0) }
        guard parts.count == 3, parts[0] != nil, let offset = parts[1], offset >= 0, parts[2] == 0 || parts[2] == 1
        else { throw .badRequest("Invalid cursor parameter.") }
        return offset
    }

    /// The request's address with all its parameters but the cursor, to which one is then added. Only the path when the
    /// client's `Host` is missing or not valid in an address.
    private static func address(path: String, request: Request, parameters: QueryParameters) -> String {
        let path = PercentCoding.encodedPath(path)
        let query = parameters.encoded(excluding: "cursor")
        guard let host = request.host, isHost(host) else { return "\(path)?\(query)" }
        return "\(request.isSecure ? "https" : "http")://\(host)\(path)?\(query)"
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                default: "-._:[]".utf8.contains(byte)
                }
            }
    }
}
