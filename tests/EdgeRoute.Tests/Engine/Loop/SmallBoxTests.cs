using System.Globalization;
using System.Security.Cryptography;
using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Tests.Engine.Stages;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Loop;

/// <summary>
/// What looking again is worth on real pictures: YOLOX-nano on COCO pictures with labels, the whole frame alone, with a window where small
/// candidates are in doubt, and with four tiles. Each picture is one frame through the real loop; the figures are printed.
/// </summary>
public sealed class SmallBoxTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Pictures used, of all: enough for the differences, and few enough for a test.</summary>
    private const int Stride = 2;

    /// <summary>Below this area in pixels a labelled box is small, as in COCO.</summary>
    private const double SmallPixels = 32 * 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_window_in_doubt_finds_small_things_for_half_a_run_more()
    {
        var whole = Judge("finder", "");
        var gated = Judge("finder>finder@doubt", Look($$""" "from": "doubt", "side": 0.5, "at_least": {{Gate}} """));
        var always = Judge("finder>finder@doubt", Look(""" "from": "doubt", "side": 0.5 """));
        var tiles = Judge("finder>finder@tiles*4", Look(""" "from": "tiles", "side": 0.55, "count": 4 """));
        Tell("whole frame", whole);
        Tell($"+ 1 window in doubt, at_least {Gate}", gated);
        Tell("+ 1 window in doubt", always);
        Tell("+ 4 tiles", tiles);
        Assert.True(gated.Passes <= 1.55, $"{gated.Passes} passes");
        Assert.True(gated.SmallRecall > whole.SmallRecall && gated.F1 >= whole.F1 - 0.005, $"{gated} against {whole}");
        Assert.True(always.SmallRecall >= gated.SmallRecall, $"{always} against {gated}");
    }

    private static string Look(string windows) => $$""", { "from": "finder", "to": "finder", "region": { {{windows}} } }""";

    /// <summary>Of covered doubt: about half of the pictures have as much.</summary>
    private const string Gate = "0.6";

    private void Tell(string name, Score score) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name}: small boxes found {score.SmallRecall:0.000} of {score.SmallCount}, F1 {score.F1:0.000}, passes {score.Passes:0.00}"));

    private Score Judge(string path, string look)
    {
        string pictures = TestPlaces.NeedData("coco-val", "images");
        using var rig = Rig(path, look);
        Detection[] answer = [];
        rig.OnAnswer = a => answer = [.. a.Detections];
        var counts = new Counts();
        using var decoder = JpegDecoder.Create();
        foreach (string picture in Directory.GetFiles(pictures).Order(StringComparer.Ordinal).Where((_, i) => i % Stride == 0))
        {
            byte[] jpeg = File.ReadAllBytes(picture);
            Assert.True(decoder.TryReadHeader(jpeg, out var header));
            rig.Feed(FrameLayout.Compressed(header.Width, header.Height, jpeg.Length), jpeg);
            counts.Add(answer, LabelsOf(picture), header.Width * (double)header.Height, 1 + rig.LastRecord.WindowCount);
        }

        return counts.Score;
    }

    private static Detection[] LabelsOf(string picture)
    {
        string path = Path.Combine(TestPlaces.NeedData("coco-val", "labels"), Path.GetFileNameWithoutExtension(picture) + ".txt");
        return !File.Exists(path) ? [] : [.. File.ReadAllLines(path).Where(l => l.Length > 0).Select(line =>
        {
            float[] v = [.. line.Split(' ').Select(w => float.Parse(w, CultureInfo.InvariantCulture))];
            return new Detection(v[1] - (v[3] / 2), v[2] - (v[4] / 2), v[3], v[4], 1, (int)v[0]);
        })];
    }

    private PackRig Rig(string path, string look)
    {
        string model = TestPlaces.NeedData("detectors", "yolox_nano_416.onnx"), name = _folder.File("yolox.onnx");
        File.Copy(model, name, overwrite: true);
        string labels = string.Join(", ", Enumerable.Range(0, 80).Select(i => $"\"class {i}\""));
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(name)));
        string manifest = _folder.Write("manifest.json", $$"""
            { "manifest": 1, "name": "small", "version": "1", "title": "Small things", "task": "detection",
              "licence": { "spdx": "Apache-2.0", "origin": "this test" }, "labels": [{{labels}}],
              "stages": [{ "name": "finder", "file": "yolox.onnx", "sha256": "{{sha256}}",
                "input": { "tensor": "images", "width": 416, "height": 416, "channels": "bgr", "fit": "letterbox",
                           "pad": { "value": 114, "placement": "top_left" } },
                "exit": { "head": "yolox", "outputs": ["output"], "strides": [8, 16, 32], "detection_threshold": 0.3, "doubt_floor": 0.05,
                          "nms_overlap": 0.5, "detection_limit": 100 } }],
              "edges": [{ "from": "frame", "to": "finder" } {{look}}],
              "policies": { "fixed_route": "{{path}}" } }
            """);
        return new PackRig(PackReader.Read(manifest), tree => new FixedPolicy(tree, path));
    }

    /// <summary>A policy's score over the pictures.</summary>
    /// <param name="SmallRecall">Share of the small labelled boxes that a detection of their class overlaps by half.</param>
    /// <param name="Passes">Runs of the network a picture.</param>
    private sealed record Score(double SmallRecall, int SmallCount, double F1, double Passes);

    private sealed class Counts
    {
        private int _small, _smallFound, _found, _told, _labels, _pictures, _passes;

        public Score Score => new(_smallFound / (double)_small, _small, 2.0 * _found / (_told + _labels), _passes / (double)_pictures);

        /// <summary>The surest detection first takes the label that it overlaps most.</summary>
        public void Add(Detection[] told, Detection[] labels, double framePixels, int passes)
        {
            var left = labels.ToList();
            foreach (var box in told.OrderByDescending(d => d.Confidence))
            {
                var fit = left.Where(l => l.ClassIndex == box.ClassIndex && l.OverlapWith(box) >= 0.5f)
                    .OrderByDescending(l => l.OverlapWith(box)).Take(1).ToList();
                fit.ForEach(l => left.Remove(l));
                _found += fit.Count;
            }

            _small += labels.Count(IsSmall);
            _smallFound += labels.Count(IsSmall) - left.Count(IsSmall);
            (_told, _labels, _pictures) = (_told + told.Length, _labels + labels.Length, _pictures + 1);
            _passes += passes;

            bool IsSmall(Detection l) => l.Width * l.Height * framePixels < SmallPixels;
        }
    }
}
