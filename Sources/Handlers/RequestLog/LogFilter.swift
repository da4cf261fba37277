import Buffer
import Model

/// Which rows of a page an answer shows. Applied after the page was cut to its 100 rows (contract 1.7).
struct LogFilter {
    var window: LogWindow
    /// Only rows of this organization; nil = of any.
    var organizationID: Int64?
    /// Rows without an organization belong to this one: the owner of an internal app (design, D2).
    var implicitOrganizationID: Int64?

    init(window: LogWindow, organizationID: Int64?, app: SentryApp) {
        self.window = window
        self.organizationID = organizationID
        implicitOrganizationID = app.status == .internal ? app.ownerID : nil
    }

    /// Whether the answer shows `row`, whose fields are ranges of `bytes`.
    ///
    /// Dates count in whole seconds. A row whose date is missing or unreadable is left out like one without a date
    /// (design, D1 and D14).
    func includes(_ row: WebhookRequestRow, in bytes: Span<UInt8>) -> Bool {
        guard let date = row.date?.truncatedToSeconds, window.start <= date, date <= window.end else { return false }
        guard let organizationID else { return true }
        guard row.organizationID.isPresent else { return implicitOrganizationID == organizationID }
        return bytes.integer(row.organizationID) == organizationID
    }
}
