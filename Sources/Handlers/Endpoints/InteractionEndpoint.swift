import Buffer
import Directory
import Model
import WireJSON

/// `GET` and `POST interaction/`: the numbers of uses of an app and its components (docs/protocol.md 3).
enum InteractionEndpoint: AppEndpoint {
    static let acceptsPost = true
    static let permission: any Permission.Type = StatisticsPermission.self
    static let mayRefuseDisabledApps = true

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        context.method == .get ? try counts(for: context, app) : try record(context, app)
    }

    private static func counts(for context: borrowing RequestContext, _ app: SentryApp) throws(HTTPFailure)
        -> EndpointResult
    {
        let range = try SeriesRange(context.parameters, now: context.now())
        let series = try BucketSeries(range, rollup: range.rollup)
        let types = try componentTypes(of: app, in: context.directory)
        let keys =
            [InteractionKey.viewed(appID: app.id)]
            + types.map { .componentInteracted(appSlug: app.slug, componentType: $0) }
        let counts = try read(keys, series: series, from: context.dependencies.interactions)

        let style = context.rules.includes(.integerEpochs) ? BucketSeries.EpochStyle.integer : .float
        var body: [UInt8] = []
        body.append(literal: #"{"views":"#)
        series.append(counts[0], style: style, to: &body)
        body.append(literal: #","componentInteractions":{"#)
        for (index, type) in types.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            // The original takes what follows the first colon of "slug:type", up to the next one.
            let name = type.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
            JSONText.append(String(name), escaping: .unicode, to: &body)
            body.append(UInt8(ascii: ":"))
            series.append(counts[index + 1], style: style, to: &body)
        }
        body.append(literal: "}}")
        return EndpointResult(body: body)
    }

    /// The types of the app's components, each once.
    private static func componentTypes(of app: SentryApp, in directory: any DirectoryStore) throws(HTTPFailure)
        -> [String]
    {
        var seen = Set<String>()
        return try orUnavailable(directory.components(appID: app.id)).map(\.type).filter { seen.insert($0).inserted }
    }

    /// The maximum number of values in one read from the store, so that replies stay small.
    private static let batchSize = 4096

    private static func read(
        _ keys: [InteractionKey], series: BucketSeries, from store: any InteractionCounting
    ) throws(HTTPFailure) -> [[Int64]] {
        let bucketsPerBatch = max(1, batchSize / keys.count)
        var counts = [[Int64]](repeating: [], count: keys.count)
        for lower in stride(from: 0, to: series.starts.count, by: bucketsPerBatch) {
            let batch = series.starts[lower..<min(lower + bucketsPerBatch, series.starts.count)]
            let read = try orUnavailable(
                HTTPFailure.logUnavailable,
                store.counts(of: keys, rollup: series.rollup, bucketStarts: Array(batch)))
            for (index, values) in read.enumerated() { counts[index] += values }
        }
        return counts
    }

    private static func record(_ context: borrowing RequestContext, _ app: SentryApp) throws(HTTPFailure)
        -> EndpointResult
    {
        let key = try InteractionReport(RequestBody(context.request, InteractionReport.outline)).key(for: app)
        try orUnavailable(
            HTTPFailure.logUnavailable, context.dependencies.interactions.increment(key, at: context.now()))
        return EndpointResult(status: 201, body: Array("{}".utf8))
    }
}

/// The body of a `POST interaction/` (docs/protocol.md 3.4).
struct InteractionReport {
    private static let viewed = "sentry_app_viewed"
    private static let componentInteracted = "sentry_app_component_interacted"
    private static let componentTypes = ["stacktrace-link", "issue-link"]

    static let outline = JSONOutline(["tsdbField", "componentType"])

    private let field: String
    private let componentType: String?

    /// Fails with 400 and the original's messages. A body that is not an object, or a field that is not a string,
    /// crashes the original; here both count as a missing field (docs/compatibility.md D15).
    init(_ body: RequestBody) throws(HTTPFailure) {
        guard let field = body.string("tsdbField"),
            field == InteractionReport.viewed || field == InteractionReport.componentInteracted
        else {
            throw .badRequest(
                "The tsdbField must be one of: \(InteractionReport.viewed), \(InteractionReport.componentInteracted)")
        }
        componentType = body.string("componentType")
        self.field = field
        guard field == InteractionReport.viewed || InteractionReport.componentTypes.contains(componentType ?? "") else {
            let types = InteractionReport.componentTypes.map { "'\($0)'" }.joined(separator: ", ")
            throw .badRequest("The field componentType is required and must be one of [\(types)]")
        }
    }

    /// The series to count in. The app need not have such a component.
    func key(for app: SentryApp) -> InteractionKey {
        guard field == InteractionReport.componentInteracted, let componentType else {
            return .viewed(appID: app.id)
        }
        return .componentInteracted(appSlug: app.slug, componentType: componentType)
    }
}
