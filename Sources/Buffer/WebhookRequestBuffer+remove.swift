import Model
package import Redis

extension WebhookRequestBuffer {
    /// Removes every list of an app, for the events of the catalogue.
    package func removeAll(appID: Int64) throws(RedisError) {
        let keys = events.events.flatMap { event in
            [false, true].map { WebhookRequestKey(appID: appID, event: event, isErrors: $0).text }
        }
        guard !keys.isEmpty else { return }
        var request = RedisRequest()
        request.begin(argumentCount: keys.count + 1)
        request.appendArgument("DEL")
        for key in keys { request.appendArgument(key) }
        try connection.perform(request, isRepeatable: false)
        if let message = connection.reply.firstErrorMessage { throw .refused(key: nil, message: message) }
    }
}
