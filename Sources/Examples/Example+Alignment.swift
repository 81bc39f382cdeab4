import Images
import Tensors

extension Example {
    /// A decoder that attends to the states of an encoder, one word at a time.
    static let translation = Example(
        "translation",
        "a decoder that translates, step by step"
    ) { run in
        try run.write("source.txt", lines: Translation.source)
        try run.write("target.txt", lines: Translation.target)
        let decoder = Translation()
        var states: [[Float]] = []
        var contexts: [ArraySlice<Float>] = []
        var words: [String] = []
        var state = decoder.firstState
        // The end token ends it; a wrong alignment might never come to it.
        while words.last != Translation.end, words.count < 2 * Translation.source.count {
            let step = words.count
            try run.write("step-\(step).safetensors", decoder.tensors(queries: [state]))
            try run.headwise(
                [
                    "run", "--input", run.path("step-\(step).safetensors"), "--scoring", "dot",
                    "--output", run.path("context-\(step).npy"),
                ] + ExampleRun.quick,
                record: "step-\(step).json",
                isShown: false,
                isOnPage: false
            )
            let context = try run.tensor("context-\(step).npy").rows[0]
            let (word, next) = decoder.read(context)
            run.say("step \(step): “\(word)”")
            states.append(state)
            contexts.append(context)
            words.append(word)
            state = next
        }
        try run.write("all.safetensors", decoder.tensors(queries: states))
        try run.headwise(
            [
                "run", "--input", run.path("all.safetensors"), "--scoring", "dot", "--output",
                run.path("contexts.npy"), "--weights", run.path("weights.npy"),
            ] + ExampleRun.quick,
            record: "all.json",
            isShown: false
        )
        try run.headwise(
            [
                "weights", "--from", run.path("weights.npy"), "--query-labels",
                run.path("target.txt"), "--key-labels", run.path("source.txt"),
            ] + run.picture("alignment.svg"),
            record: "alignment.json"
        )
        let whole = try run.tensor("contexts.npy").rows
        let areEqual = zip(whole, contexts).allSatisfy { whole, step in
            whole.map(\.bitPattern) == step.map(\.bitPattern)
        }
        run.say("\nThe decoder says: \(words.joined(separator: " "))")
        try run.finish([
            "Look at the two words that cross: “red apples” attends to “pommes rouges” in the other order.",
            "Each step alone has \(areEqual ? "the same bits as" : "OTHER BITS THAN") its row among all: "
                + "decoding and prefill agree.",
        ])
    }

    /// A weight map over a picture for every word.
    static let captioning = Example(
        "captioning",
        "words attend to 6, 24 and 64 regions of a picture"
    ) { run in
        let scene = Scene()
        try run.write("picture.png", scene.picture.file)
        try run.write("words.txt", lines: Scene.words)
        for (rows, columns) in Scene.grids {
            let name = "regions-\(rows * columns)"
            try run.write("\(name).safetensors", scene.tensors(rows: rows, columns: columns))
            try run.headwise(
                [
                    "run", "--input", run.path("\(name).safetensors"), "--scoring", "dot",
                    "--weights", run.path("\(name).npy"),
                ] + ExampleRun.quick,
                record: "\(name).json",
                isShown: false
            )
            try run.headwise(
                [
                    "weights", "--from", run.path("\(name).npy"), "--query-labels",
                    run.path("words.txt"), "--grid", "\(rows)x\(columns)", "--image",
                    run.path("picture.png"),
                ] + run.picture("\(name).svg"),
                record: "\(name)-weights.json",
                isShown: rows * columns == 24
            )
        }
        try run.finish([
            "Look at the red regions: each word attends to the part of the picture that shows it.",
            "With 6 regions a word only finds a sixth of the picture; with 64 it finds the outline.",
        ])
    }

    /// Words of a sentence over the frames of a video.
    static let video = Example(
        "video",
        "words attend to the frames of a video"
    ) { run in
        let video = Video()
        try run.write("words.txt", lines: Video.words.map(\.word))
        try run.write("features.txt", lines: Video.featureNames)
        try run.write("video.safetensors", video.tensors)
        try run.headwise(
            [
                "run", "--input", run.path("video.safetensors"), "--scoring", "dot", "--weights",
                run.path("weights.npy"),
            ] + ExampleRun.quick,
            record: "run.json",
            isShown: false
        )
        try run.headwise(
            [
                "weights", "--from", run.path("weights.npy"), "--query-labels",
                run.path("words.txt"), "--key-labels", run.path("features.txt"),
            ] + run.picture("alignment.svg"),
            record: "alignment.json"
        )
        let shares = Video.shares(try run.tensor("weights.npy"))
        run.say("\nweight on each frame")
        for (word, shares) in zip(Video.words, shares) {
            let cells = shares.map { right(two(Double($0)), 6) }.joined()
            run.say(word.word + right("", 8 - word.word.count) + cells)
        }
        try run.finish([
            "Look at the blocks of ten keys: a word attends to the features of the frame that shows it.",
            "“dog” is in every frame, so its weight is spread over all of them.",
        ])
    }
}
