import Files
import FoundationEssentials

/// A picture of a file, for the beginning of a page.
///
/// The page shows it as an image: nothing in it runs, or loads anything from elsewhere.
package struct PagePicture: Equatable, Sendable {
    /// The file's name, without its ending.
    package let name: String
    /// What an image loads it from; stored, because templates read stored properties only.
    let source: String

    private static let largestBytes = 4 << 20

    /// Reads an SVG file; throws for another file, and for one above 4 MiB.
    package init(reading path: String, flag: String) throws(ExperimentError) {
        guard !path.isEmpty else { throw .namesNothing(flag) }
        let bytes = try OpenFile.contents(of: path, limit: Self.largestBytes)
        guard path.hasSuffix(".svg"), String(decoding: bytes, as: UTF8.self).contains("<svg") else {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                "is no SVG picture",
                expected: "a file with the ending .svg, such as '--picture' of 'weights' writes",
                remedy: "choose such a file"
            )
        }
        let file = path.split(separator: "/").last ?? ""
        name = String(file.dropLast(4))
        source = "data:image/svg+xml;base64,\(Data(bytes).base64EncodedString())"
    }
}
