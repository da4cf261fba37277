import Delivery
import Model
import Testing

/// The expected values were made with Python's `hmac` and, the first one, with `openssl dgst -hmac` as well.
/// Signatures.
@Suite
struct WebhookSignatureTests {
    private let id = "0123456789abcdef0123456789abcdef"
    private let body = Array(
        (#"{"action":"created","installation":{"uuid":"a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},"#
            + #""data":{"issue":{"id":"1","title":"caf\u00e9"}},"#
            + #""actor":{"type":"application","id":"sentry","name":"Sentry"}}"#).utf8)

    @Test(arguments: [
        ("secret-0123456789abcdef", "v1,ITRU7TZEWhTcRtBUa2KmqjmTsNSS/tQhS1xE7mTKAAA="),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,nFzJcBdWq+sG4Kg86mklA+EJK/6NhfhTOkdcAfR89qo="),
        ("whsec_MTYgYnl0ZXMgb2Yga2V5IQ==", "v1,bOvxuGSh2Ml+qmWAVRZa7AxLICzMxOTHozF4qRI06bY="),
        ("whsec_MTYgYnl0ZXMgb2Yga2V5IQ", "v1,bOvxuGSh2Ml+qmWAVRZa7AxLICzMxOTHozF4qRI06bY="),
        ("whsec_not base64", "v1,RHS2Sptd+glD1Bz7dYCbzdYnxUosb0g9uNWcyAXLxCY="),
    ])
    func aStandardWebhooksSignatureIsTheOneThatOtherToolsMake(secret: String, signature: String) {
        #expect(
            WebhookSignature.standard(id: id, timestamp: 1_700_000_000, body: body, secret: Secret(secret))
                == signature)
    }

    @Test func idAndTimeArePartOfWhatStandardWebhooksSigns() {
        let secret = Secret("secret-0123456789abcdef")
        let signature = WebhookSignature.standard(id: id, timestamp: 1_700_000_000, body: body, secret: secret)

        #expect(
            WebhookSignature.standard(id: id, timestamp: 1_700_000_001, body: body, secret: secret) != signature)
        #expect(
            WebhookSignature.standard(id: "0", timestamp: 1_700_000_000, body: body, secret: secret) != signature)
    }

    @Test func theContractsSignatureTakesASecretAsItIsWrittenWhateverItsForm() {
        #expect(
            WebhookSignature.hexadecimal(of: body, secret: Secret("secret-0123456789abcdef"))
                == "00c3aaeaa6215da24793ed4655ef33cbe1c717abdd771b9984c42e5424010b1e")
        #expect(
            WebhookSignature.hexadecimal(of: body, secret: Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
                == "44ddd1e7667cf1c74b09c7032ef2c2cbddcf6ee9f8dd8fff35d620c91837995f")
    }

    @Test(arguments: [
        (0, "b87006b45196e600d7a1c22f67d0a5861ab5100a4d1901882d48f4f83edcfc99"),
        (63, "f52636c03f624e98c188da0fedd833a6984201a40adb49ec10c7a50ced218d72"),
        (64, "74c372c3b5c8739a40c77d2952174e48e0fc9c4c66ec0e5e7729be0f4a92e10d"),
        (65, "7dd3677c29fc795ebbda02e1b0b4e8816082d52fff663c3836543a812b14cd22"),
        (200, "425548e6a7fdcc36b1e46b9fb8f7798b1f8f43c72deca0f71f54395204f05228"),
    ])
    func aKeyOfAnyLengthSignsAsInOtherToolsShorterAsLongAndLongerThanTheHashsBlock(count: Int, signature: String) {
        #expect(
            WebhookSignature.hexadecimal(of: body, secret: Secret(String(repeating: "k", count: count))) == signature)
    }
}
