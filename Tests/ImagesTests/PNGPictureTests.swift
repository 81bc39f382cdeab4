import Files
import Images
import TestSupport
import Testing

struct PNGPictureTests {
    /// A picture whose neighbouring pixels differ.
    private static func picture(width: Int, height: Int) -> PNGPicture {
        PNGPicture(
            width: width,
            height: height,
            pixels: (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 7) }
        )
    }

    private static func read(_ bytes: [UInt8]) throws -> PNGPicture {
        let folder = try TemporaryFolder()
        return try PNGPicture(reading: try folder.write("p.png", bytes), flag: "--image")
    }

    @Test(arguments: [(1, 1), (7, 3), (64, 65)])
    func `a written picture is read again`(width: Int, height: Int) throws {
        let picture = Self.picture(width: width, height: height)
        #expect(try Self.read(picture.file) == picture)
    }

    @Test func `a byte that changed anywhere is noticed`() throws {
        let file = Self.picture(width: 5, height: 4).file
        for index in stride(from: 0, to: file.count, by: 3) {
            var damaged = file
            damaged[index] ^= 0x10
            #expect(throws: ExperimentError.self) { try Self.read(damaged) }
        }
    }

    @Test func `a truncated picture is refused`() throws {
        let file = Self.picture(width: 5, height: 4).file
        for count in [0, 7, 8, 20, file.count - 13, file.count - 1] {
            #expect(throws: ExperimentError.self) { try Self.read(Array(file.prefix(count))) }
        }
    }

    @Test func `a smaller picture has the means of its pixels`() {
        let picture = PNGPicture(
            width: 2,
            height: 2,
            pixels: [0, 0, 0, 100, 0, 0, 60, 8, 0, 40, 0, 4]
        )
        #expect(picture.fitting(side: 1).pixels == [50, 2, 1])
        #expect(picture.fitting(side: 2) == picture)
    }
}
