using System.Text;
using System.Text.Json.Nodes;
using EdgeRoute.Core.Costs;
using EdgeRoute.Core.Gains;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Tests.Core.Gains;
using EdgeRoute.Tests.Documents.Packs;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Documents.Calibrations;

/// <summary>Calibration files of a sample pack: written, read again, and spoiled.</summary>
public sealed class CalibrationFileTests : IDisposable
{
    private readonly SamplePack _files = new();
    private readonly Pack _pack;
    private readonly RouteTree _tree;

    public CalibrationFileTests()
    {
        _pack = _files.Read();
        _tree = new RouteTree(_pack.Graph);
    }

    private string FilePath => _files.Folder.File(CalibrationFile.UsualName);

    public void Dispose() => _files.Dispose();

    [Property(MaxTest = 100)]
    public void Any_calibration_decides_alike_after_it_was_written_and_read(int seed)
    {
        var random = new Random(seed);
        var written = RandomCalibration.Of(random, _tree);
        File.WriteAllBytes(FilePath, CalibrationFile.Write(DocumentOf(written)));
        var read = CalibrationFile.Read(FilePath, _pack, _tree).Calibration;
        var (before, after) = (RouterOf(written), RouterOf(read));
        for (int i = 0; i < 50; i++)
        {
            var signals = Enumerable.Range(0, 7).Select(_ => EdgeRoute.Tests.Core.Routing.ValueCase.Odd(random)).ToArray();
            var frame = new EdgeRoute.Core.Signals.FrameSignals(signals[0], signals[1], signals[2], signals[3], 0.1f, 40);
            var node = _tree.Nodes.Where(n => n.Index == 0 || n.Options.Length > 1).ElementAt(i % 2);
            before.Operating = after.Operating = OperatingPoint.Free with { PricePerMs = random.NextSingle() * 0.1f };
            DecisionRecord a = default, b = default;
            var exit = new EdgeRoute.Core.Signals.ExitSignals(signals[4], signals[5], signals[6], 0.5f, 2);
            before.Decide(node.Index, frame, exit, long.MaxValue, 0, ref a);
            after.Decide(node.Index, frame, exit, long.MaxValue, 0, ref b);
            Assert.Equal((a.OptionIndex, a.ContextIndex), (b.OptionIndex, b.ContextIndex));
            Assert.Equal(((ReadOnlySpan<OptionValue>)a.Values).ToArray(), ((ReadOnlySpan<OptionValue>)b.Values).ToArray());
        }
    }

    [Fact]
    public void The_hash_is_that_of_the_file()
    {
        var loaded = ReadSpoiled(_ => { });
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(FilePath))), loaded.Sha256);
    }

    [Fact]
    public void An_absent_file_is_refused_with_the_command_that_makes_one()
    {
        string message = Assert.Throws<ArgumentException>(() => CalibrationFile.Read(_files.Folder.File("absent.json"), _pack,
            _tree)).Message;
        Assert.Contains("absent.json", message, StringComparison.Ordinal);
        Assert.Contains("Make one with 'edgeroute calibrate'", message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Texts => new()
    {
        { "", "cannot be used" },
        { "null", "it is empty" },
        { "[]", "cannot be used" },
        { "{ \"calibration\": 1,", "cannot be used" },
        { "{ \"calibration\": 1, \"odd\": 2 }", "odd" },
        { "{ \"calibration\": \"one\" }", "calibration" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Damaged_text_is_refused_with_the_file_and_what_to_do(string text, string expected)
    {
        File.WriteAllText(FilePath, text);
        AssertRefused(expected);
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        byte[] whole = CalibrationFile.Write(DocumentOf(RandomCalibration.Of(new Random(1), _tree)));
        for (int length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 97))
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            AssertRefused("cannot be used");
        }
    }

    public static TheoryData<string, Action<JsonObject>, string> Spoils => new()
    {
        { "version", d => d["calibration"] = 2, "format version 2; this build reads 1" },
        { "manifest", d => d["manifest_sha256"] = new string('0', 64), "another version of pack 'sample' (manifest 000000000000" },
        { "estimator", d => GainOf(d)["kind"] = "forest",
            "kind 'forest' is unknown or lacks its numbers; known are constant, isotonic, logistic and averaged" },
        { "numbers", d => GainOf(d).Remove("value"), "kind 'constant' is unknown or lacks its numbers" },
        { "range", d => GainOf(d)["value"] = 1.5, "A gain is a number in [0, 1]" },
        { "path", d => d["nodes"]![0]!["path"] = "hall", "'hall', which the pack does not have" },
        { "option", d => d["nodes"]![0]!["options"]![0]!["name"] = "lihgt", "lihgt" },
        { "node", d => d["nodes"]!.AsArray().RemoveAt(0), "plans for each of the 2 options at 'frame'" },
        { "plans", d => d["nodes"]![0]!["options"]![0]!["plans"]!.AsArray().Clear(), "must hold 1 to 8 plans" },
        { "signal", d => d["nodes"]![0]!["signals"]![2]!["name"] = "smell", "signal 2 at 'frame' is 'smell'" },
        { "knots", d => d["nodes"]![0]!["signals"]![2]!["knots"] = new JsonArray(1, 0), "knots of 'exposure'" },
        { "signals", d => d["nodes"]![0]!["signals"]!.AsArray().RemoveAt(15), "A scale has 16" },
        { "contexts", d => d["contexts"] = new JsonArray(new JsonArray(1, 2)), "16 finite numbers" },
        { "null", d => d["nodes"]![0]!["options"] = null, "cannot be used" },
        { "null node", d => d["nodes"]!.AsArray().Add(null), "cannot be used" },
        { "null gain", d => d["nodes"]![0]!["options"]![0]!["plans"]![0]!["gain"] = null, "cannot be used" },
        { "null knots", d => d["nodes"]![0]!["signals"]![0]!["knots"] = null, "cannot be used" },
        { "null member", d => GainOf(d).ReplaceWith(JsonNode.Parse("""{ "kind": "averaged", "members": [null], "shares": [1] }""")),
            "kind '' is unknown" },
        { "null context", d => d["contexts"] = new JsonArray((JsonNode?)null), "cannot be used" },
    };

    [Theory]
    [MemberData(nameof(Spoils))]
    public void A_file_that_does_not_fit_is_refused_in_words(string what, Action<JsonObject> spoil, string expected)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => ReadSpoiled(spoil)).Message;
        Assert.True(message.Contains(expected, StringComparison.Ordinal), $"{what}: {message}");
        Assert.Contains("Make it anew with 'edgeroute calibrate'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, 0.9, 7)]
    [InlineData(0.9, 0.9, 7)]
    [InlineData(0.91, 0.95, 4)]
    [InlineData(0.95, 0.95, 4)]
    [InlineData(0.96, 0.97, 4)]
    [InlineData(0.975, 0.98, 2)]
    public void A_floor_is_kept_by_the_certified_one_at_least_as_high_with_the_highest_price(double asked, double floor, int priceIndex)
    {
        var found = Floors((0.9, 7), (0.95, 4), (0.97, 4), (0.98, 2), (0.99, -1)).FloorFor(asked)!;
        Assert.Equal(priceIndex, found.PriceIndex);
        Assert.True(found.Floor >= asked && found.Floor <= floor, $"{found.Floor}");
    }

    [Fact]
    public void The_highest_price_counts_where_a_higher_floor_allows_it() => Assert.Equal(6,
        Floors((0.9, 3), (0.95, 6)).FloorFor(0.9)!.PriceIndex);

    [Theory]
    [InlineData(0.985)]
    [InlineData(0.999)]
    public void A_floor_above_all_that_is_certified_is_not_kept(double asked) => Assert.Null(Floors((0.98, 2), (0.99, -1)).FloorFor(asked));

    [Fact]
    public void No_flipped_bit_passes_unseen()
    {
        byte[] whole = CalibrationFile.Write(DocumentOf(RandomCalibration.Of(new Random(3), _tree)));
        File.WriteAllBytes(FilePath, whole);
        string meant = Encoding.UTF8.GetString(CalibrationFile.Write(CalibrationFile.Read(FilePath, _pack, _tree).Document));
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            byte[] flipped = [.. whole];
            flipped[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(FilePath, flipped);
            try
            {
                // The last digit of a number may change and the number not.
                var read = CalibrationFile.Read(FilePath, _pack, _tree).Document;
                Assert.Equal(meant, Encoding.UTF8.GetString(CalibrationFile.Write(read)));
            }
            catch (ArgumentException)
            {
                // It was seen.
            }
        }
    }

    [Fact]
    public void What_does_not_fit_its_checksum_is_named()
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => ReadSpoiled(d => d["doubt_band"] = 0.5)).Message;
        Assert.Contains("'doubt_band' does not fit the checksum", message, StringComparison.Ordinal);
    }

    private static LoadedCalibration Floors(params (double Floor, int PriceIndex)[] floors)
    {
        var document = new CalibrationDocument
        {
            Floors = [.. floors.Select(f => new CalibrationDocument.FloorPart { Floor = f.Floor, Confidence = 0.95,
                PriceIndex = f.PriceIndex })],
        };
        return new LoadedCalibration(document, HandCalibration.Of(EdgeRoute.Tests.Core.Graphs.SampleGraphs.Cascade()), "");
    }

    private static JsonObject GainOf(JsonObject document) => document["nodes"]![0]!["options"]![0]!["plans"]![0]!["gain"]!.AsObject();

    private LoadedCalibration ReadSpoiled(Action<JsonObject> spoil)
    {
        var scale = (int count) => HandCalibration.ScaleOf(count);
        var nodes = _tree.Nodes.Select(n => n.Index > 0 && n.Options.Length < 2 ? null : new CalibratedNode(
            scale(n.Index == 0 ? 16 : 25),
            [.. n.Options.Select(_ => (IReadOnlyList<CalibratedPlan>)[new CalibratedPlan(new ConstantGain(0.5f), null)])]));
        var document = JsonNode.Parse(CalibrationFile.Write(DocumentOf(new Calibration(_tree, [.. nodes], []))))!.AsObject();
        spoil(document);
        File.WriteAllText(FilePath, document.ToJsonString());
        return CalibrationFile.Read(FilePath, _pack, _tree);
    }

    private void AssertRefused(string expected)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => CalibrationFile.Read(FilePath, _pack, _tree)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(FilePath, message, StringComparison.Ordinal);
        Assert.Contains("'edgeroute calibrate'", message, StringComparison.Ordinal);
    }

    private CalibrationDocument DocumentOf(Calibration calibration)
    {
        var document = new CalibrationDocument { Pack = _pack.Name, ManifestSha256 = _pack.ManifestSha256 };
        CalibrationFile.Put(document, _tree, calibration);
        return document;
    }

    private Router RouterOf(Calibration calibration)
    {
        var costs = new CostTable(_tree);
        foreach (var variant in _tree.Variants)
        {
            costs.SetProfile(variant.Index, new StageCost(3 + (4 * variant.Index), 5 + (4 * variant.Index)));
        }

        return new Router(_tree, costs, new ValuePolicy(calibration));
    }
}
