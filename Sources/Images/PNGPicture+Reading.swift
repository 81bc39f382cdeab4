import CZlib
import Files

extension PNGPicture {
    /// The longest side, and the most pixels, that are read.
    private static let longestSide = 1 << 15
    private static let mostPixels = 1 << 26
    private static let largestFile = 1 << 28

    /// Reads the file that `flag` names.
    package init(reading path: String, flag: String) throws(ExperimentError) {
        let bytes = try OpenFile.contents(of: path, limit: Self.largestFile)
        do throws(PNGError) {
            self = try PNGReader(bytes).picture()
        } catch {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                error.problem,
                expected: error.expected,
                remedy: error.remedy
            )
        }
    }

    fileprivate struct PNGError: Error {
        var problem: String
        var expected = "a PNG file"
        var remedy = "save the picture again as PNG, without interlacing"

        static let truncated = PNGError(
            problem: "is truncated or damaged",
            expected: "a whole PNG file"
        )
    }

    /// The chunks of a file.
    fileprivate struct PNGReader {
        private let bytes: [UInt8]
        private var width = 0
        private var height = 0
        private var depth = 0
        private var kind = Kind.grey
        private var palette: [UInt8] = []
        private var alphas: [UInt8] = []
        private var compressed: [UInt8] = []

        private enum Kind: UInt8 {
            case grey = 0
            case color = 2
            case palette = 3
            case greyAlpha = 4
            case colorAlpha = 6

            var channels: Int {
                switch self {
                case .grey, .palette: 1
                case .greyAlpha: 2
                case .color: 3
                case .colorAlpha: 4
                }
            }

            var depths: [Int] {
                switch self {
                case .grey: [1, 2, 4, 8, 16]
                case .palette: [1, 2, 4, 8]
                default: [8, 16]
                }
            }
        }

        init(_ bytes: [UInt8]) throws(PNGError) {
            self.bytes = bytes
            guard bytes.starts(with: PNGPicture.signature) else {
                throw PNGError(problem: "is no PNG file")
            }
            var offset = PNGPicture.signature.count
            var isFirst = true
            while true {
                guard let length = number(at: offset), offset + 12 + length <= bytes.count else {
                    throw .truncated
                }
                let body = bytes[offset + 4..<offset + 8 + length]
                var sum = CRC32()
                sum.update(Array(body))
                guard number(at: offset + 8 + length).map({ UInt32($0) }) == sum.value else {
                    throw .truncated
                }
                let name = String(decoding: body.prefix(4), as: UTF8.self)
                let content = Array(body.dropFirst(4))
                guard (name == "IHDR") == isFirst else { throw .truncated }
                isFirst = false
                switch name {
                case "IHDR": try takeHeader(content)
                case "PLTE": palette = content
                case "tRNS": alphas = content
                case "IDAT": compressed += content
                case "IEND": return
                default: break
                }
                offset += 12 + length
            }
        }

        /// Four bytes as a number; nil beyond the end, or above 2³¹.
        private func number(at offset: Int) -> Int? {
            guard offset + 4 <= bytes.count else { return nil }
            return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
        }

        private mutating func takeHeader(_ header: [UInt8]) throws(PNGError) {
            guard header.count == 13, let kind = Kind(rawValue: header[9]),
                kind.depths.contains(Int(header[8]))
            else { throw .truncated }
            func size(_ start: Int) -> Int {
                header[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            }
            (width, height, depth, self.kind) = (size(0), size(4), Int(header[8]), kind)
            let sides = 1...PNGPicture.longestSide
            guard sides.contains(width), sides.contains(height),
                width * height <= PNGPicture.mostPixels
            else {
                throw PNGError(
                    problem: "has \(width) × \(height) pixels",
                    expected:
                        "1 to \(PNGPicture.longestSide) a side, and \(PNGPicture.mostPixels) in all",
                    remedy: "make the picture smaller"
                )
            }
            guard header[12] == 0 else {
                throw PNGError(problem: "is interlaced", expected: "a PNG file without interlacing")
            }
        }

        func picture() throws(PNGError) -> PNGPicture {
            let samples = try unfiltered()
            var pixels: [UInt8] = []
            pixels.reserveCapacity(3 * width * height)
            let lineBytes = bytesPerLine
            for y in 0..<height {
                let line = samples[y * lineBytes..<(y + 1) * lineBytes]
                for x in 0..<width { try append(line, x, to: &pixels) }
            }
            return PNGPicture(width: width, height: height, pixels: pixels)
        }

        private var bitsPerPixel: Int { kind.channels * depth }
        private var bytesPerLine: Int { (width * bitsPerPixel + 7) / 8 }

        /// The lines without their filters.
        private func unfiltered() throws(PNGError) -> [UInt8] {
            let line = bytesPerLine
            let expected = height * (line + 1)
            var raw = [UInt8](repeating: 0, count: expected)
            var count = uLongf(expected)
            let code = unsafe uncompress(&raw, &count, compressed, uLong(compressed.count))
            guard code == Z_OK, Int(count) == expected else { throw .truncated }
            var result = [UInt8](repeating: 0, count: height * line)
            let step = max(1, bitsPerPixel / 8)
            for y in 0..<height {
                let source = y * (line + 1)
                let target = y * line
                let filter = raw[source]
                guard filter <= 4 else { throw .truncated }
                for x in 0..<line {
                    let left = x >= step ? Int(result[target + x - step]) : 0
                    let above = y > 0 ? Int(result[target - line + x]) : 0
                    let corner = x >= step && y > 0 ? Int(result[target - line + x - step]) : 0
                    let predicted =
                        switch filter {
                        case 1: left
                        case 2: above
                        case 3: (left + above) / 2
                        case 4: Self.nearest(left, above, corner)
                        default: 0
                        }
                    result[target + x] = raw[source + 1 + x] &+ UInt8(predicted)
                }
            }
            return result
        }

        /// Paeth's predictor.
        private static func nearest(_ left: Int, _ above: Int, _ corner: Int) -> Int {
            let estimate = left + above - corner
            let (a, b, c) = (abs(estimate - left), abs(estimate - above), abs(estimate - corner))
            return a <= b && a <= c ? left : b <= c ? above : corner
        }

        /// Adds the three bytes of a pixel.
        private func append(
            _ line: ArraySlice<UInt8>,
            _ x: Int,
            to pixels: inout [UInt8]
        ) throws(PNGError) {
            func sample(_ channel: Int) -> Int {
                let bit = (x * kind.channels + channel) * depth
                let byte = Int(line[line.startIndex + bit / 8])
                // The high byte of 16 bits is enough.
                guard depth < 8 else { return byte }
                return byte >> (8 - depth - bit % 8) & ((1 << depth) - 1)
            }
            func onWhite(_ value: UInt8, alpha: Int) -> UInt8 {
                UInt8((Int(value) * alpha + 255 * (255 - alpha) + 127) / 255)
            }
            switch kind {
            case .palette:
                let index = sample(0)
                guard 3 * index + 2 < palette.count else { throw .truncated }
                let alpha = index < alphas.count ? Int(alphas[index]) : 255
                for channel in 0..<3 {
                    pixels.append(onWhite(palette[3 * index + channel], alpha: alpha))
                }
            case .grey, .greyAlpha:
                let most = depth < 8 ? (1 << depth) - 1 : 255
                let grey = UInt8(sample(0) * 255 / most)
                let alpha = kind == .grey ? 255 : sample(1)
                for _ in 0..<3 { pixels.append(onWhite(grey, alpha: alpha)) }
            case .color, .colorAlpha:
                let alpha = kind == .color ? 255 : sample(3)
                for channel in 0..<3 {
                    pixels.append(onWhite(UInt8(sample(channel)), alpha: alpha))
                }
            }
        }
    }
}
