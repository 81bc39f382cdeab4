import Testing

/// Small files that other libraries wrote, as they are.
///
/// Each holds query (i − 5)/4, key (i mod 5)/2 and value i, [1,2,3,2]; some a mask that hides the second of
/// three keys, and one length of 3.
struct LibraryFile: Sendable, CustomTestStringConvertible {
    /// The name of the file; its ending says the format.
    let name: String
    /// What wrote it.
    let writer: String
    let hasMask: Bool
    let hasLengths: Bool
    let base64: String

    var testDescription: String { "\(name): \(writer)" }

    static let all = [
        LibraryFile(
            name: "numpy.npz",
            writer:
                "NumPy 2.4: savez_compressed of Fortran order, big-endian floats, and small integers",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBC0AAAAIAAAAIQDed4E4//////////8FABQAcS5ucHkBABAA4AAAAAAAAABvAAAAAAAAAJvsF+\
                obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEg8pKk0FChdnJBakArkahjoKRjoK\
                xkBSU0ehVoEcwMUABl/2Q+gL9hD6BZT/Asq/AOV/gfI/QPkPoPwHUP4HKB8GftgDAFBLAwQtAAAACA\
                AAACEAbukrmv//////////BQAUAGsubnB5AQAQALAAAAAAAAAAWwAAAAAAAACb7BfqGxDJyFDGUK2e\
                klqcXKRupaBul2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgpGOgrGQFJTR6FWgQ\
                zAxQAE9iDcAMQHGBgcGCAAlxgAUEsDBC0AAAAIAAAAIQCV0BlY//////////8FABQAdi5ucHkBABAA\
                mAAAAAAAAABjAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqSuo6Cell9UUpSYF59flJIKEn\
                dLzClOBYoXZyQWpAL5GoY6CkY6CsZAUlNHoVaBDMDFwMBgw+DA4MTgwuDK4MbgzuDR4MHg2eAJAFBL\
                AwQtAAAACAAAACEAIZMxcP//////////CAAUAG1hc2subnB5AQAQAIMAAAAAAAAASwAAAAAAAACb7B\
                fqGxDJyFDGUK2eklqcXKRupaBek2morqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgoQ\
                ZKypo1CrQAbgYmRgBABQSwMELQAAAAgAAAAhAFfTqC7//////////wsAFABsZW5ndGhzLm5weQEAEA\
                CBAAAAAAAAAEUAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoS\
                d0vMKU4FihdnJBakAvkahjqaOgq1ChQALmYAUEsBAi0DLQAAAAgAAAAhAN53gThvAAAA4AAAAAUAAA\
                AAAAAAAAAAAIABAAAAAHEubnB5UEsBAi0DLQAAAAgAAAAhAG7pK5pbAAAAsAAAAAUAAAAAAAAAAAAA\
                AIABpgAAAGsubnB5UEsBAi0DLQAAAAgAAAAhAJXQGVhjAAAAmAAAAAUAAAAAAAAAAAAAAIABOAEAAH\
                YubnB5UEsBAi0DLQAAAAgAAAAhACGTMXBLAAAAgwAAAAgAAAAAAAAAAAAAAIAB0gEAAG1hc2subnB5\
                UEsBAi0DLQAAAAgAAAAhAFfTqC5FAAAAgQAAAAsAAAAAAAAAAAAAAIABVwIAAGxlbmd0aHMubnB5UE\
                sFBgAAAAAFAAUACAEAANkCAAAAAA==
                """
        ),
        LibraryFile(
            name: "torch.safetensors",
            writer: "safetensors 0.8 of PyTorch 2.13",
            hasMask: true,
            hasLengths: false,
            base64: """
                KAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJtYXNrIjp7ImR0eXBlIjoiST\
                Y0Iiwic2hhcGUiOlsxLDNdLCJkYXRhX29mZnNldHMiOlswLDI0XX0sInZhbHVlIjp7ImR0eXBlIjoi\
                RjY0Iiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZmZzZXRzIjpbMjQsMTIwXX0sImtleSI6eyJkdH\
                lwZSI6IkYzMiIsInNoYXBlIjpbMSwyLDMsMl0sImRhdGFfb2Zmc2V0cyI6WzEyMCwxNjhdfSwicXVl\
                cnkiOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZmZzZXRzIjpbMTY4LD\
                E5Ml19fSAgICAgIAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAA8D8AAAAAAAAA\
                QAAAAAAAAAhAAAAAAAAAEEAAAAAAAAAUQAAAAAAAABhAAAAAAAAAHEAAAAAAAAAgQAAAAAAAACJAAA\
                AAAAAAJEAAAAAAAAAmQAAAAAAAAAA/AACAPwAAwD8AAABAAAAAAAAAAD8AAIA/AADAPwAAAEAAAAAA\
                AAAAP6C/gL9AvwC/gL4AAIA+AD9AP4A/oD/APw==
                """
        ),
        LibraryFile(
            name: "mlx.npz",
            writer: "MLX 0.32: savez, whose arrays of one axis are in Fortran order",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBC0AAAAAAAAAIQAj2AMo//////////8FABQAdi5ucHkBABAAcgAAAAAAAAByAAAAAAAAAJNOVU\
                1QWQEAUAB7J2Rlc2NyJzogJzxmMicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgx\
                LCAyLCAzLCAyLCApfSAgICAgICAgICAgICAgCgAAADwAQABCAEQARQBGAEcASIBIAEmASVBLAwQtAA\
                AAAAAAACEApmPfd///////////CwAUAGxlbmd0aHMubnB5AQAQAEoAAAAAAAAASgAAAAAAAACTTlVN\
                UFkBADwAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgxLC\
                ApfSAgICAKAwAAAFBLAwQtAAAAAAAAACEAH4ob8f//////////CAAUAG1hc2subnB5AQAQAEkAAAAA\
                AAAASQAAAAAAAACTTlVNUFkBADwAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IFRydW\
                UsICdzaGFwZSc6ICgzLCApfSAgICAKAQABUEsDBC0AAAAAAAAAIQDBwJ1X//////////8FABQAay5u\
                cHkBABAAcgAAAAAAAAByAAAAAAAAAJNOVU1QWQEAUAB7J2Rlc2NyJzogJzxWMicsICdmb3J0cmFuX2\
                9yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyLCApfSAgICAgICAgICAgICAgCgAAAD+A\
                P8A/AEAAAAA/gD/APwBAAAAAP1BLAwQtAAAAAAAAACEAW8tgZv//////////BQAUAHEubnB5AQAQAI\
                oAAAAAAAAAigAAAAAAAACTTlVNUFkBAFAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6\
                IEZhbHNlLCAnc2hhcGUnOiAoMSwgMiwgMywgMiwgKX0gICAgICAgICAgICAgIAoAAKC/AACAvwAAQL\
                8AAAC/AACAvgAAAAAAAIA+AAAAPwAAQD8AAIA/AACgPwAAwD9QSwECLQMtAAAAAAAAACEAI9gDKHIA\
                AAByAAAABQAAAAAAAAAAAAAAgAEAAAAAdi5ucHlQSwECLQMtAAAAAAAAACEApmPfd0oAAABKAAAACw\
                AAAAAAAAAAAAAAgAGpAAAAbGVuZ3Rocy5ucHlQSwECLQMtAAAAAAAAACEAH4ob8UkAAABJAAAACAAA\
                AAAAAAAAAAAAgAEwAQAAbWFzay5ucHlQSwECLQMtAAAAAAAAACEAwcCdV3IAAAByAAAABQAAAAAAAA\
                AAAAAAgAGzAQAAay5ucHlQSwECLQMtAAAAAAAAACEAW8tgZooAAACKAAAABQAAAAAAAAAAAAAAgAFc\
                AgAAcS5ucHlQSwUGAAAAAAUABQAIAQAAHQMAAAAA
                """
        ),
        LibraryFile(
            name: "mlxc.npz",
            writer: "MLX 0.32: savez_compressed",
            hasMask: false,
            hasLengths: false,
            base64: """
                UEsDBC0AAAAIAAAAIQAj2AMo//////////8FABQAdi5ucHkBABAAcgAAAAAAAABhAAAAAAAAAJvsF+\
                obEMnIEMBQrZ6SWpxcpG6loG6TZqSuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkY6\
                CsZgUrNWAQVwMTAw2DA4MDgxuDC4MrgxuDN4NHgweDZ4AgBQSwMELQAAAAgAAAAhAMHAnVf///////\
                ///wUAFABrLm5weQEAEAByAAAAAAAAAFUAAAAAAAAAm+wX6hsQycgQwFCtnpJanFykbqWgbhNmpK6j\
                oJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjoKRjoKxmBSs1YBBXAxMDDYN9gfsGdwQGUBAF\
                BLAwQtAAAACAAAACEAW8tgZv//////////BQAUAHEubnB5AQAQAIoAAAAAAAAAaQAAAAAAAACb7Bfq\
                GxDJyBDAUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgpGOg\
                rGYFKzVgEFcDEwLNjPwNAAxA5AzABi72MAgwY7IGEPFAfiBiBeAMQH7AFQSwECLQMtAAAACAAAACEA\
                I9gDKGEAAAByAAAABQAAAAAAAAAAAAAAgAEAAAAAdi5ucHlQSwECLQMtAAAACAAAACEAwcCdV1UAAA\
                ByAAAABQAAAAAAAAAAAAAAgAGYAAAAay5ucHlQSwECLQMtAAAACAAAACEAW8tgZmkAAACKAAAABQAA\
                AAAAAAAAAAAAgAEkAQAAcS5ucHlQSwUGAAAAAAMAAwCZAAAAxAEAAAAA
                """
        ),
        LibraryFile(
            name: "mlx.safetensors",
            writer: "MLX 0.32, with \"__metadata__\": null",
            hasMask: false,
            hasLengths: false,
            base64: """
                zAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6bnVsbCwiayI6eyJkYXRhX29mZnNldHMiOlsyNCw0OF0sIm\
                R0eXBlIjoiQkYxNiIsInNoYXBlIjpbMSwyLDMsMl19LCJxIjp7ImRhdGFfb2Zmc2V0cyI6WzQ4LDk2\
                XSwiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMiwzLDJdfSwidiI6eyJkYXRhX29mZnNldHMiOlswLD\
                I0XSwiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzEsMiwzLDJdfX0AAAA8AEAAQgBEAEUARgBHAEiASABJ\
                gEkAAAA/gD/APwBAAAAAP4A/wD8AQAAAAD8AAKC/AACAvwAAQL8AAAC/AACAvgAAAAAAAIA+AAAAPw\
                AAQD8AAIA/AACgPwAAwD8=
                """
        ),
        LibraryFile(
            name: "jax.npz",
            writer: "JAX 0.10: savez",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBC0AAAAAAAAAIQBttxwf//////////8FABQAcS5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU\
                1QWQEAdgB7J2Rlc2NyJzogJzxWMicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgx\
                LCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAKoL+Av0C/AL+AvgAAgD4AP0A/gD+gP8A/UEsDBC0AAAAAAAAAIQBRaRzc//////////8F\
                ABQAay5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3\
                J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAAD8AAIA/AADAPwAAAE\
                AAAAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAAAAA/UEsDBC0AAAAAAAAAIQCV0BlY//////////8FABQA\
                di5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmMicsICdmb3J0cm\
                FuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAPABAAEIARABFAEYARwBIgEgASY\
                BJUEsDBC0AAAAAAAAAIQAdDwfs//////////8IABQAbWFzay5ucHkBABAAjAAAAAAAAACMAAAAAAAA\
                AJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZS\
                c6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
                ICAgICAgICAgICAKAQAAAAAAAAABAAAAUEsDBC0AAAAAAAAAIQAq0Bvl//////////8LABQAbGVuZ3\
                Rocy5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0\
                cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAwAAAFBLAQItAy0AAAAAAAAAIQBt\
                txwfmAAAAJgAAAAFAAAAAAAAAAAAAACAAQAAAABxLm5weVBLAQItAy0AAAAAAAAAIQBRaRzcsAAAAL\
                AAAAAFAAAAAAAAAAAAAACAAc8AAABrLm5weVBLAQItAy0AAAAAAAAAIQCV0BlYmAAAAJgAAAAFAAAA\
                AAAAAAAAAACAAbYBAAB2Lm5weVBLAQItAy0AAAAAAAAAIQAdDwfsjAAAAIwAAAAIAAAAAAAAAAAAAA\
                CAAYUCAABtYXNrLm5weVBLAQItAy0AAAAAAAAAIQAq0BvlhAAAAIQAAAALAAAAAAAAAAAAAACAAUsD\
                AABsZW5ndGhzLm5weVBLBQYAAAAABQAFAAgBAAAMBAAAAAA=
                """
        ),
        LibraryFile(
            name: "flax.safetensors",
            writer: "safetensors 0.8 of JAX 0.10",
            hasMask: false,
            hasLengths: false,
            base64: """
                uAAAAAAAAAB7ImsiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMiwzLDJdLCJkYXRhX29mZnNldH\
                MiOlswLDQ4XX0sInEiOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZmZz\
                ZXRzIjpbNDgsNzJdfSwidiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbMSwyLDMsMl0sImRhdGFfb2\
                Zmc2V0cyI6WzcyLDk2XX19AAAAAAAAAD8AAIA/AADAPwAAAEAAAAAAAAAAPwAAgD8AAMA/AAAAQAAA\
                AAAAAAA/oL+Av0C/AL+AvgAAgD4AP0A/gD+gP8A/AAAAPABAAEIARABFAEYARwBIgEgASYBJ
                """
        ),
        LibraryFile(
            name: "tinygrad.safetensors",
            writer: "tinygrad 0.14",
            hasMask: true,
            hasLengths: false,
            base64: """
                +AAAAAAAAAB7InEiOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZmZzZX\
                RzIjpbMCwyNF19LCJrIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZmZz\
                ZXRzIjpbMjQsNzJdfSwidiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbMSwyLDMsMl0sImRhdGFfb2\
                Zmc2V0cyI6WzcyLDk2XX0sIm1hc2siOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlszXSwiZGF0YV9v\
                ZmZzZXRzIjpbOTYsOTldfX0gICAgIKC/gL9AvwC/gL4AAIA+AD9AP4A/oD/APwAAAAAAAAA/AACAPw\
                AAwD8AAABAAAAAAAAAAD8AAIA/AADAPwAAAEAAAAAAAAAAPwAAADwAQABCAEQARQBGAEcASIBIAEmA\
                SQEAAQ==
                """
        ),
        LibraryFile(
            name: "paddle.npz",
            writer: "NumPy 2.4 of Paddle 3.3",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBC0AAAAAAAAAIQB0HMDS//////////8FABQAcS5ucHkBABAA4AAAAAAAAADgAAAAAAAAAJNOVU\
                1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgx\
                LCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAKAAAAAAAA9L8AAAAAAADwvwAAAAAAAOi/AAAAAAAA4L8AAAAAAADQvwAAAAAAAAAAAAAA\
                AAAA0D8AAAAAAADgPwAAAAAAAOg/AAAAAAAA8D8AAAAAAAD0PwAAAAAAAPg/UEsDBC0AAAAAAAAAIQ\
                BRaRzc//////////8FABQAay5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2Ny\
                JzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfS\
                AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA\
                AD8AAIA/AADAPwAAAEAAAAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAAAAA/UEsDBC0AAAAAAAAAIQCV0B\
                lY//////////8FABQAdi5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzog\
                JzxmMicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfSAgIC\
                AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAPABAAEIA\
                RABFAEYARwBIgEgASYBJUEsDBC0AAAAAAAAAIQCis9BL//////////8IABQAbWFzay5ucHkBABAAmA\
                AAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29yZGVyJzog\
                RmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAgICAgICAgICAgICAgICAgICAKAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAUEsDBC0AAAAA\
                AAAAIQBDnTEc//////////8LABQAbGVuZ3Rocy5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQ\
                EAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCks\
                IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAKAwAAAAAAAABQSwECLQMtAAAAAAAAACEAdBzA0uAAAADgAAAABQAAAAAAAAAAAAAAgAEAAAAA\
                cS5ucHlQSwECLQMtAAAAAAAAACEAUWkc3LAAAACwAAAABQAAAAAAAAAAAAAAgAEXAQAAay5ucHlQSw\
                ECLQMtAAAAAAAAACEAldAZWJgAAACYAAAABQAAAAAAAAAAAAAAgAH+AQAAdi5ucHlQSwECLQMtAAAA\
                AAAAACEAorPQS5gAAACYAAAACAAAAAAAAAAAAAAAgAHNAgAAbWFzay5ucHlQSwECLQMtAAAAAAAAAC\
                EAQ50xHIgAAACIAAAACwAAAAAAAAAAAAAAgAGfAwAAbGVuZ3Rocy5ucHlQSwUGAAAAAAUABQAIAQAA\
                ZAQAAAAA
                """
        ),
        LibraryFile(
            name: "paddle.safetensors",
            writer: "safetensors 0.8 of Paddle 3.3",
            hasMask: false,
            hasLengths: false,
            base64: """
                wAAAAAAAAAB7ImsiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMiwzLDJdLCJkYXRhX29mZnNldH\
                MiOlswLDQ4XX0sInYiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMiwzLDJdLCJkYXRhX29mZnNl\
                dHMiOls0OCw5Nl19LCJxIjp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbMSwyLDMsMl0sImRhdGFfb2\
                Zmc2V0cyI6Wzk2LDEyMF19fSAgICAgICAAAAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAAAAA/AACAPwAA\
                wD8AAABAAAAAAAAAAD8AAAAAAACAPwAAAEAAAEBAAACAQAAAoEAAAMBAAADgQAAAAEEAABBBAAAgQQ\
                AAMEGgv4C/QL8Av4C+AACAPgA/QD+AP6A/wD8=
                """
        ),
        LibraryFile(
            name: "tensorflow.npz",
            writer: "NumPy 2.4 of TensorFlow 2.21",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBC0AAAAAAAAAIQBttxwf//////////8FABQAcS5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU\
                1QWQEAdgB7J2Rlc2NyJzogJzxWMicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgx\
                LCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAKoL+Av0C/AL+AvgAAgD4AP0A/gD+gP8A/UEsDBC0AAAAAAAAAIQBRaRzc//////////8F\
                ABQAay5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3\
                J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAAD8AAIA/AADAPwAAAE\
                AAAAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAAAAA/UEsDBC0AAAAAAAAAIQCpIFF7//////////8FABQA\
                di5ucHkBABAA4AAAAAAAAADgAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cm\
                FuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfSAgICAgICAgICAgICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAAAAAAAAAAADwPwAAAAAAAA\
                BAAAAAAAAACEAAAAAAAAAQQAAAAAAAABRAAAAAAAAAGEAAAAAAAAAcQAAAAAAAACBAAAAAAAAAIkAA\
                AAAAAAAkQAAAAAAAACZAUEsDBC0AAAAAAAAAIQAWk4y7//////////8IABQAbWFzay5ucHkBABAAgw\
                AAAAAAAACDAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3xiMScsICdmb3J0cmFuX29yZGVyJzog\
                RmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAgICAgICAgICAgICAgICAgICAKAQABUEsDBC0AAAAAAAAAIQAq0Bvl//////////8LABQA\
                bGVuZ3Rocy5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsIC\
                dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAwAAAFBLAQItAy0AAAAAAA\
                AAIQBttxwfmAAAAJgAAAAFAAAAAAAAAAAAAACAAQAAAABxLm5weVBLAQItAy0AAAAAAAAAIQBRaRzc\
                sAAAALAAAAAFAAAAAAAAAAAAAACAAc8AAABrLm5weVBLAQItAy0AAAAAAAAAIQCpIFF74AAAAOAAAA\
                AFAAAAAAAAAAAAAACAAbYBAAB2Lm5weVBLAQItAy0AAAAAAAAAIQAWk4y7gwAAAIMAAAAIAAAAAAAA\
                AAAAAACAAc0CAABtYXNrLm5weVBLAQItAy0AAAAAAAAAIQAq0BvlhAAAAIQAAAALAAAAAAAAAAAAAA\
                CAAYoDAABsZW5ndGhzLm5weVBLBQYAAAAABQAFAAgBAABLBAAAAAA=
                """
        ),
        LibraryFile(
            name: "julia.npz",
            writer: "in the manner of NPZ.jl: Fortran order, with types such as <b1",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBBQAAAgAAAAAIQAEgVr3sAAAALAAAAAFAAAAcS5ucHmTTlVNUFkBAEYAeydkZXNjcic6ICc8Zj\
                gnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgxLCAyLCAzLCAyKSwgfSAgICAgCgAA\
                AAAAAPS/AAAAAAAA0D8AAAAAAADovwAAAAAAAOg/AAAAAAAA0L8AAAAAAAD0PwAAAAAAAPC/AAAAAA\
                AA4D8AAAAAAADgvwAAAAAAAPA/AAAAAAAAAAAAAAAAAAD4P1BLAwQUAAAIAAAAACEAjd0YoIAAAACA\
                AAAABQAAAGsubnB5k05VTVBZAQBGAHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcn\
                VlLCAnc2hhcGUnOiAoMSwgMiwgMywgMiksIH0gICAgIAoAAAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAA\
                AAA/AACAPwAAwD8AAABAAAAAAAAAAD9QSwMEFAAACAAAAAAhAPhmJUVoAAAAaAAAAAUAAAB2Lm5weZ\
                NOVU1QWQEARgB7J2Rlc2NyJzogJzxmMicsICdmb3J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBlJzog\
                KDEsIDIsIDMsIDIpLCB9ICAgICAKAAAARgBAAEgARABJADwARwBCgEgARYBJUEsDBBQAAAgAAAAAIQ\
                Bd/DCuUwAAAFMAAAAIAAAAbWFzay5ucHmTTlVNUFkBAEYAeydkZXNjcic6ICc8YjEnLCAnZm9ydHJh\
                bl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgCgEAAVBLAwQUAAAIAA\
                AAACEAJ0qW8FgAAABYAAAACwAAAGxlbmd0aHMubnB5k05VTVBZAQBGAHsnZGVzY3InOiAnPGk4Jywg\
                J2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgIAoDAAAAAA\
                AAAFBLAQIUABQAAAgAAAAAIQAEgVr3sAAAALAAAAAFAAAAAAAAAAAAAAAAAAAAAABxLm5weVBLAQIU\
                ABQAAAgAAAAAIQCN3RiggAAAAIAAAAAFAAAAAAAAAAAAAAAAANMAAABrLm5weVBLAQIUABQAAAgAAA\
                AAIQD4ZiVFaAAAAGgAAAAFAAAAAAAAAAAAAAAAAHYBAAB2Lm5weVBLAQIUABQAAAgAAAAAIQBd/DCu\
                UwAAAFMAAAAIAAAAAAAAAAAAAAAAAAECAABtYXNrLm5weVBLAQIUABQAAAgAAAAAIQAnSpbwWAAAAF\
                gAAAALAAAAAAAAAAAAAAAAAHoCAABsZW5ndGhzLm5weVBLBQYAAAAABQAFAAgBAAD7AgAAAAA=
                """
        ),
        LibraryFile(
            name: "julia.safetensors",
            writer: "in the manner of SafeTensors.jl, by type",
            hasMask: false,
            hasLengths: false,
            base64: """
                uAAAAAAAAAB7ImsiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzEsMiwzLDJdLCJkYXRhX29mZnNldH\
                MiOlsyNCw3Ml19LCJ2Ijp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZmZz\
                ZXRzIjpbMCwyNF19LCJxIjp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsxLDIsMywyXSwiZGF0YV9vZm\
                ZzZXRzIjpbNzIsMTY4XX19AAAAPABAAEIARABFAEYARwBIgEgASYBJAAAAAAAAAD8AAIA/AADAPwAA\
                AEAAAAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAAAAA/AAAAAAAA9L8AAAAAAADwvwAAAAAAAOi/AAAAAA\
                AA4L8AAAAAAADQvwAAAAAAAAAAAAAAAAAA0D8AAAAAAADgPwAAAAAAAOg/AAAAAAAA8D8AAAAAAAD0\
                PwAAAAAAAPg/
                """
        ),
        LibraryFile(
            name: "r.npz",
            writer: "in the manner of reticulate: doubles in Fortran order",
            hasMask: true,
            hasLengths: true,
            base64: """
                UEsDBC0AAAAAAAAAIQDed4E4//////////8FABQAcS5ucHkBABAA4AAAAAAAAADgAAAAAAAAAJNOVU\
                1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBlJzogKDEs\
                IDIsIDMsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAKAAAAAAAA9L8AAAAAAADQPwAAAAAAAOi/AAAAAAAA6D8AAAAAAADQvwAAAAAAAPQ/AAAA\
                AAAA8L8AAAAAAADgPwAAAAAAAOC/AAAAAAAA8D8AAAAAAAAAAAAAAAAAAPg/UEsDBC0AAAAAAAAAIQ\
                A+03IF//////////8FABQAay5ucHkBABAA4AAAAAAAAADgAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2Ny\
                JzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBlJzogKDEsIDIsIDMsIDIpLCB9IC\
                AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA\
                AAAAAAAAAADgPwAAAAAAAPA/AAAAAAAA+D8AAAAAAAAAQAAAAAAAAAAAAAAAAAAA4D8AAAAAAADwPw\
                AAAAAAAPg/AAAAAAAAAEAAAAAAAAAAAAAAAAAAAOA/UEsDBC0AAAAAAAAAIQBB387c//////////8F\
                ABQAdi5ucHkBABAA4AAAAAAAAADgAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3\
                J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBlJzogKDEsIDIsIDMsIDIpLCB9ICAgICAgICAgICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAAAAAAAAAAAAYQAAAAA\
                AAAABAAAAAAAAAIEAAAAAAAAAQQAAAAAAAACRAAAAAAAAA8D8AAAAAAAAcQAAAAAAAAAhAAAAAAAAA\
                IkAAAAAAAAAUQAAAAAAAACZAUEsDBC0AAAAAAAAAIQB2oewI//////////8IABQAbWFzay5ucHkBAB\
                AAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVy\
                JzogRmFsc2UsICdzaGFwZSc6ICgxLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\
                AgICAgICAgICAgICAgICAgICAgICAgICAgICAKAQAAAAAAAAABAAAAUEsDBC0AAAAAAAAAIQAq0Bvl\
                //////////8LABQAbGVuZ3Rocy5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2\
                NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAg\
                ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAwAAAF\
                BLAQItAy0AAAAAAAAAIQDed4E44AAAAOAAAAAFAAAAAAAAAAAAAACAAQAAAABxLm5weVBLAQItAy0A\
                AAAAAAAAIQA+03IF4AAAAOAAAAAFAAAAAAAAAAAAAACAARcBAABrLm5weVBLAQItAy0AAAAAAAAAIQ\
                BB387c4AAAAOAAAAAFAAAAAAAAAAAAAACAAS4CAAB2Lm5weVBLAQItAy0AAAAAAAAAIQB2oewIjAAA\
                AIwAAAAIAAAAAAAAAAAAAACAAUUDAABtYXNrLm5weVBLAQItAy0AAAAAAAAAIQAq0BvlhAAAAIQAAA\
                ALAAAAAAAAAAAAAACAAQsEAABsZW5ndGhzLm5weVBLBQYAAAAABQAFAAgBAADMBAAAAAA=
                """
        ),
        LibraryFile(
            name: "r.safetensors",
            writer: "in the manner of the R package safetensors: no padding, shape first",
            hasMask: true,
            hasLengths: false,
            base64: """
                9gAAAAAAAAB7InEiOnsic2hhcGUiOlsxLDIsMywyXSwiZHR5cGUiOiJGNjQiLCJkYXRhX29mZnNldH\
                MiOlswLDk2XX0sImsiOnsic2hhcGUiOlsxLDIsMywyXSwiZHR5cGUiOiJGMzIiLCJkYXRhX29mZnNl\
                dHMiOls5NiwxNDRdfSwidiI6eyJzaGFwZSI6WzEsMiwzLDJdLCJkdHlwZSI6IkYxNiIsImRhdGFfb2\
                Zmc2V0cyI6WzE0NCwxNjhdfSwibWFzayI6eyJzaGFwZSI6WzNdLCJkdHlwZSI6Ikk2NCIsImRhdGFf\
                b2Zmc2V0cyI6WzE2OCwxOTJdfX0AAAAAAAD0vwAAAAAAAPC/AAAAAAAA6L8AAAAAAADgvwAAAAAAAN\
                C/AAAAAAAAAAAAAAAAAADQPwAAAAAAAOA/AAAAAAAA6D8AAAAAAADwPwAAAAAAAPQ/AAAAAAAA+D8A\
                AAAAAAAAPwAAgD8AAMA/AAAAQAAAAAAAAAA/AACAPwAAwD8AAABAAAAAAAAAAD8AAAA8AEAAQgBEAE\
                UARgBHAEiASABJgEkBAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAA=
                """
        ),
    ]
}
