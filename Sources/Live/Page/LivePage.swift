/// The page as it is sent: one answer that needs no other, but for its events.
///
/// The script has a number that only this server knows, so that a browser runs no other script.
struct LivePage {
    let text: String
    /// What the page may load and run: the header Content-Security-Policy.
    let policy: String

    init() {
        var numbers = SystemRandomNumberGenerator()
        let number = String(numbers.next(), radix: 16) + String(numbers.next(), radix: 16)
        text = Self.text(number: number)
        policy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-\(number)'; "
            + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }

    private static func text(number: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>headwise live</title>
        <link rel="icon" href="data:image/svg+xml,\(icon)">
        <style>\(LiveStyle.rules)</style>
        </head>
        <body>
        \(LiveMarkup.body)
        <script nonce="\(number)">
        "use strict";
        \(LiveElements.script)
        \(LiveCharts.script)
        \(LiveScript.script)
        </script>
        <noscript>This page draws with a script.</noscript>
        </body>
        </html>

        """
    }

    private static let icon =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        + "%3Crect x='1' y='8' width='4' height='7' rx='1' fill='%230072b2'/%3E"
        + "%3Crect x='6' y='4' width='4' height='11' rx='1' fill='%23e69f00'/%3E"
        + "%3Crect x='11' y='1' width='4' height='14' rx='1' fill='%23009e73'/%3E%3C/svg%3E"
}
