import Model
package import Redis

extension WebhookRequestBuffer {
    /// Records a row of no app as attempts are recorded, and removes it.
    ///
    /// - Throws: `refused` with Redis' words.
    package func checkWrites() throws(RedisError) {
        // No app has the id 0.
        let key = WebhookRequestKey(appID: 0, event: "hookline.check", isErrors: false).text
        let call = ScriptCall(RecordScript.store, keys: [key], "0", "10", "0", "")
        _ = try connection.run(call).count(key: key)
        var request = RedisRequest()
        request.append("LTRIM", key, "1", "0")
        _ = try connection.values(of: request, isRepeatable: false).first?.checked(key: key)
        try DeliveryHours.checkWrites(on: connection)
    }
}
