import CZlib
import Files
import FoundationEssentials

/// A picture of red, green and blue bytes, read from and written to PNG files.
///
/// Transparent pixels lie on white. What it reads is PNG without interlacing, of any colour type and
/// depth; 16 bits become 8.
///
/// Source: Portable Network Graphics (PNG) Specification, W3C.
package struct PNGPicture: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// Three bytes a pixel, row by row.
    package let pixels: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            width > 0 && height > 0 && pixels.count == 3 * width * height,
            "a picture must have three bytes for each pixel"
        )
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    package var base64: String { Data(pixels).base64EncodedString() }

    /// The picture with no side longer than `side`: means of whole pixels.
    package func fitting(side: Int) -> PNGPicture {
        let step = (max(width, height) - 1) / side + 1
        guard step > 1 else { return self }
        let (narrow, low) = ((width - 1) / step + 1, (height - 1) / step + 1)
        var result: [UInt8] = []
        result.reserveCapacity(3 * narrow * low)
        for y in 0..<low {
            for x in 0..<narrow {
                let rows = y * step..<min((y + 1) * step, height)
                let columns = x * step..<min((x + 1) * step, width)
                for channel in 0..<3 {
                    var sum = 0
                    for row in rows {
                        for column in columns {
                            sum += Int(pixels[3 * (row * width + column) + channel])
                        }
                    }
                    result.append(UInt8(sum / (rows.count * columns.count)))
                }
            }
        }
        return PNGPicture(width: narrow, height: low, pixels: result)
    }
}

extension PNGPicture {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The file of this picture.
    package var file: [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (3 * width + 1))
        for row in 0..<height {
            rows.append(0)
            rows += pixels[3 * row * width..<3 * (row + 1) * width]
        }
        var bound = compressBound(uLong(rows.count))
        var compressed = [UInt8](repeating: 0, count: Int(bound))
        let code = unsafe compress(&compressed, &bound, rows, uLong(rows.count))
        precondition(code == Z_OK, "zlib compresses into the room that it asked for")
        let header = bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]
        return Self.signature + Self.chunk("IHDR", header)
            + Self.chunk("IDAT", Array(compressed[0..<Int(bound)])) + Self.chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        var sum = CRC32()
        sum.update(body)
        return bigEndian(content.count) + body + bigEndian(Int(sum.value))
    }
}

private func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}
