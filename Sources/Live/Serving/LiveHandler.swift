import FlyingFox
import FoundationEssentials

/// Answers the requests of browsers: the page, its events, one record, and a whole page.
///
/// It reads nothing but files that the list has, by their exact names.
struct LiveHandler: HTTPHandler {
    let source: LiveSource
    let page: LivePage
    let drawer: WholePageDrawer

    func handleRequest(_ request: HTTPRequest) async -> HTTPResponse {
        guard LoopbackName.isMeant(by: request.headers[.host]) else {
            return Self.text(
                HTTPStatusCode(421, phrase: "Misdirected Request"),
                "This server answers requests to 127.0.0.1 or localhost only."
            )
        }
        guard request.method == .GET else {
            var answer = Self.text(.methodNotAllowed, "Only GET is answered here.")
            answer.headers[HTTPHeader("Allow")] = "GET"
            return answer
        }
        let name = request.query.first { $0.name == "name" }?.value ?? ""
        switch request.path {
        case "/": return Self.page(Array(page.text.utf8), policy: page.policy)
        case "/events":
            guard let events = EventSequence(source.announcements) else {
                return Self.text(.serviceUnavailable, "Too many browsers look at this run.")
            }
            return HTTPResponse(
                statusCode: .ok,
                headers: Self.headers("text/event-stream"),
                body: HTTPBodySequence(from: events)
            )
        case "/record":
            guard let snapshot = source.snapshot(of: name) else {
                return Self.text(.notFound, "There is no such record in the list.")
            }
            return HTTPResponse(
                statusCode: .ok,
                headers: Self.headers("application/json"),
                body: Data(snapshot)
            )
        case "/report": return wholePage(of: name)
        default: return Self.text(.notFound, "There is no such page.")
        }
    }

    private func wholePage(of name: String) -> HTTPResponse {
        switch source.wholePage(of: name) {
        case .none: return Self.text(.notFound, "There is no such record in the list.")
        case .afterTheRun:
            return Self.text(
                .conflict,
                "A run is being measured. Drawing the whole page would take processors from it; "
                    + "ask again when it is over."
            )
        case .drawable(let path, let stamp):
            do {
                return Self.page(
                    try drawer.page(of: path, stamp),
                    policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                )
            } catch {
                return Self.text(.internalServerError, "\(error)")
            }
        }
    }

    /// Nothing is stored or guessed by a browser.
    private static func headers(_ type: String) -> HTTPHeaders {
        [
            .contentType: type,
            .cacheControl: "no-store",
            HTTPHeader("X-Content-Type-Options"): "nosniff",
            HTTPHeader("Referrer-Policy"): "no-referrer",
            HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
        ]
    }

    private static func page(_ text: [UInt8], policy: String) -> HTTPResponse {
        var headers = headers("text/html; charset=utf-8")
        headers[HTTPHeader("Content-Security-Policy")] = policy
        return HTTPResponse(statusCode: .ok, headers: headers, body: Data(text))
    }

    private static func text(_ status: HTTPStatusCode, _ sentence: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: status,
            headers: headers("text/plain; charset=utf-8"),
            body: Data((sentence + "\n").utf8)
        )
    }
}
