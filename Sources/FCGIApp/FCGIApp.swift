/// `hookline-fcgi`: the responder behind the web server.
@main
enum FCGIApp {
    static func main() {
        print("hookline-fcgi")
    }
}
