import Model
package import Redis

extension WebhookRequestBuffer {
    /// Tries the commands that record an attempt, in a transaction that leaves nothing behind.
    ///
    /// - Throws: `refused` with Redis' words.
    package func checkWrites() throws(RedisError) {
        // No app has the id 0.
        let key = WebhookRequestKey(appID: 0, event: "hookline.check", isErrors: false).text
        var request = RedisRequest()
        request.append("MULTI")
        request.append("LPUSH", key, "")
        request.append("EXPIRE", key, "10")
        request.append("LTRIM", key, "1", "0")
        request.append("EXEC")
        try connection.perform(request, isRepeatable: false)
        if let message = connection.reply.firstErrorMessage { throw .refused(key: key, message: message) }
    }
}
