/// In JSON a pattern is one flat object: `{"kind": "window", "back": 256, "ahead": 0}`.
///
/// So other languages can read it without knowing how Swift writes an enum.
extension KeyPattern: Codable {
    private enum Kind: String, Codable {
        case none, window, longformer, bigBird, blocks
    }

    private enum CodingKeys: CodingKey {
        case kind, back, ahead
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .none: .none
            case .window:
                .window(
                    back: try container.decode(Int.self, forKey: .back),
                    ahead: try container.decode(Int.self, forKey: .ahead)
                )
            case .longformer: .longformer(try LongformerPattern(from: decoder))
            case .bigBird: .bigBird(try BigBirdPattern(from: decoder))
            case .blocks: .blocks(try BlockLayout(from: decoder))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .none:
            try container.encode(Kind.none, forKey: .kind)
        case .window(let back, let ahead):
            try container.encode(Kind.window, forKey: .kind)
            try container.encode(back, forKey: .back)
            try container.encode(ahead, forKey: .ahead)
        case .longformer(let pattern):
            try container.encode(Kind.longformer, forKey: .kind)
            try pattern.encode(to: encoder)
        case .bigBird(let pattern):
            try container.encode(Kind.bigBird, forKey: .kind)
            try pattern.encode(to: encoder)
        case .blocks(let layout):
            try container.encode(Kind.blocks, forKey: .kind)
            try layout.encode(to: encoder)
        }
    }
}
