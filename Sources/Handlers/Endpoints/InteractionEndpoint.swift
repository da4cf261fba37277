import Buffer
import Directory
import Model
import WireJSON

/// `GET` and `POST interaction/`: how often an app and its components were used (contract 3).
enum InteractionEndpoint: AppEndpoint {
    static let acceptsPost = true
    static let permission: any Permission.Type = StatisticsPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        switch call.method {
        case .get: try counts(for: call)
        case .post: try record(call)
        }
    }

    private static func counts(for call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let range = try SeriesRange(call.parameters, now: call.dependencies.clock.now())
        let series = try BucketSeries(range, rollup: range.rollup)
        let types = try componentTypes(of: call)
        let keys =
            [InteractionKey.viewed(appID: call.app.id)]
            + types.map { .componentInteracted(appSlug: call.app.slug, componentType: $0) }
        let counts = try read(keys, series: series, from: call.dependencies.interactions)

        var body: [UInt8] = []
        body.append(literal: #"{"views":"#)
        series.append(counts[0], style: .float, to: &body)
        body.append(literal: #","componentInteractions":{"#)
        for (index, type) in types.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            // The original takes what follows the first colon of "slug:type", up to the next one.
            let name = type.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
            JSONText.append(String(name), escaping: .unicode, to: &body)
            body.append(UInt8(ascii: ":"))
            series.append(counts[index + 1], style: .float, to: &body)
        }
        body.append(literal: "}}")
        return Reply(body: body)
    }

    /// The types of the app's components, each once.
    private static func componentTypes(of call: AppRequestContext) throws(HTTPFailure) -> [String] {
        do {
            var seen = Set<String>()
            return try call.dependencies.directory.components(appID: call.app.id).map(\.type)
                .filter { seen.insert($0).inserted }
        } catch {
            throw .unavailable(error)
        }
    }

    /// How many values one question to the store may ask for, so that its answer stays small.
    private static let batchSize = 4096

    private static func read(
        _ keys: [InteractionKey], series: BucketSeries, from store: any InteractionCounting
    ) throws(HTTPFailure) -> [[Int64]] {
        let bucketsPerBatch = max(1, batchSize / keys.count)
        var counts = [[Int64]](repeating: [], count: keys.count)
        do {
            for lower in stride(from: 0, to: series.starts.count, by: bucketsPerBatch) {
                let batch = series.starts[lower..<min(lower + bucketsPerBatch, series.starts.count)]
                let answers = try store.counts(of: keys, rollup: series.rollup, bucketStarts: Array(batch))
                for (index, answer) in answers.enumerated() { counts[index] += answer }
            }
        } catch {
            throw .unavailable(error)
        }
        return counts
    }

    private static func record(_ call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let key = try InteractionReport(RequestBody(call.request)).key(for: call.app)
        do {
            try call.dependencies.interactions.increment(key, at: call.dependencies.clock.now())
        } catch {
            throw .unavailable(error)
        }
        return Reply(status: 201, body: Array("{}".utf8))
    }
}
