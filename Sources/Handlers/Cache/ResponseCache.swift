package import Buffer
package import Directory
import Model

/// One thread's access to the cached responses; none that it returns is older than the request.
///
/// Before a cached response is returned, an invalidation barrier removes every response that was changed before the
/// request; what is still in the store after that equals what reading the log again would give. The directory's part is
/// valid as long as its cached rows.
package final class ResponseCache {
    private let store: CachedResponseStore
    private let tracking: TimedTracking
    private let validity: DirectoryCacheValidity?

    /// - Parameters:
    ///   - tracking: reports changes to `store`.
    ///   - directory: the thread's, from which its responses are made. When it caches nothing, no responses are cached.
    package init(store: CachedResponseStore, tracking: TimedTracking, directory: any DirectoryStore) {
        self.store = store
        self.tracking = tracking
        validity = directory.cacheValidity
    }

    /// The cached result if it is valid, else that of `make`, which is then cached.
    ///
    /// - Parameters:
    ///   - key: everything the result depends on beside the log, the directory's rows that `make` looks up, and time as
    ///     far as the result's expiry covers it.
    ///   - lists: all that `make` reads of the log; called only when it is read.
    ///   - isTagged: whether the response has a tag, which is then computed once.
    ///   - make: gets the lists.
    func result(
        for key: ResponseCacheKey, reading lists: () -> [WebhookRequestQuery], isTagged: Bool, at now: Timestamp,
        in context: borrowing RequestContext,
        make: ([WebhookRequestQuery]) throws(HTTPFailure) -> EndpointResult
    ) throws(HTTPFailure) -> EndpointResult {
        if let validity, let cached = cached(key, validity, at: now, in: context) {
            store.countHit()
            return cached.result
        }
        store.countMiss()
        let lists = lists()
        guard let validity else { return try make(lists) }

        let generation = validity.generation
        let reservation = store.reserve(lists)
        var made: CachedResponse?
        defer { store.end(reservation, made, for: key) }
        let lease = tracking.watch(lists)
        var (result, expiry) = try recordingExpiry(validity) { () throws(HTTPFailure) in try make(lists) }
        if isTagged { result.tag = EntityTag(of: result.body) }
        if let lease, expiry > now {
            made = CachedResponse(
                result.compacted, lists: lists, lease: lease, madeAt: now, expiry: expiry,
                directoryGeneration: generation)
        }
        return result
    }

    /// The result and when it expires, by the passing of time or by the directory's rows.
    private func recordingExpiry(
        _ validity: DirectoryCacheValidity, _ make: () throws(HTTPFailure) -> EndpointResult
    ) throws(HTTPFailure) -> (EndpointResult, Timestamp) {
        validity.beginRecording()
        let result: EndpointResult
        do {
            result = try make()
        } catch {
            _ = validity.endRecording()
            throw error
        }
        let expiry = validity.endRecording()
        return (result, result.expiry.map { min($0, expiry) } ?? expiry)
    }

    private func cached(
        _ key: ResponseCacheKey, _ validity: DirectoryCacheValidity, at now: Timestamp,
        in context: borrowing RequestContext
    ) -> CachedResponse? {
        // Without this look there would be a barrier even when there is nothing to confirm.
        guard let first = stored(key, validity, at: now),
            let list = first.lists.first, tracking.reportChanges(of: list, before: context.arrival)
        else { return nil }
        // The store needs no second look unless the response was removed. Another one may have replaced it.
        let current = first.isStored ? unexpired(first, key, validity, at: now) : stored(key, validity, at: now)
        guard let current else { return nil }
        // Another thread may have made it in the meantime. Else the clock was set back, and a new one replaces it.
        if current.isNewer(than: now) {
            let later = context.now()
            if current.isNewer(than: later)
                || current.isExpired(at: later, directoryGeneration: validity.generation)
            {
                return nil
            }
        }
        return current
    }

    private func stored(
        _ key: ResponseCacheKey, _ validity: DirectoryCacheValidity, at now: Timestamp
    ) -> CachedResponse? {
        store.response(for: key).flatMap { unexpired($0, key, validity, at: now) }
    }

    /// The response unless it has expired; then it is removed from the store.
    private func unexpired(
        _ response: CachedResponse, _ key: ResponseCacheKey, _ validity: DirectoryCacheValidity, at now: Timestamp
    ) -> CachedResponse? {
        guard response.isExpired(at: now, directoryGeneration: validity.generation) else { return response }
        store.remove(key, holding: response)
        return nil
    }
}

extension RequestContext {
    /// As `ResponseCache.result`; without a cache, that of `make`.
    func cachedResult(
        reading lists: @autoclosure () -> [WebhookRequestQuery], isTagged: Bool, at now: Timestamp,
        key: () -> ResponseCacheKey,
        make: ([WebhookRequestQuery]) throws(HTTPFailure) -> EndpointResult
    ) throws(HTTPFailure) -> EndpointResult {
        guard let cache = dependencies.responseCache else { return try make(lists()) }
        return try cache.result(for: key(), reading: lists, isTagged: isTagged, at: now, in: self, make: make)
    }
}

extension EndpointResult {
    /// The same without reserved memory that is not used.
    fileprivate var compacted: EndpointResult {
        guard body.capacity > body.count + body.count / 8 else { return self }
        var copy = self
        copy.body = body.withUnsafeBufferPointer { Array($0) }
        return copy
    }
}
