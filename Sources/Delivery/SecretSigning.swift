package import Model
import WebhookRules

/// Signs with the app's client secret, as receivers check it.
package struct SecretSigning: WebhookSigning {
    package init() {}

    package func hexadecimal(of body: [UInt8], secret: Secret) -> String {
        WebhookSignature.hexadecimal(of: body, secret: secret)
    }

    package func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String {
        WebhookSignature.standard(id: id, timestamp: timestamp, body: body, secret: secret)
    }
}
