using System.Globalization;
using System.Text.Json;

namespace EdgeRoute.SystemTests.Arm64;

/// <summary>Two files of answers, line by line: words, counts and paths must be the same, numbers may differ a little.</summary>
internal sealed class AnswerComparison
{
    /// <summary>They tell of the machine, not of the frame.</summary>
    private static readonly string[] _timings = ["latency_ms", "work_ms", "source_ns", "capture_ns", "published_ns",
        "capture_utc_ns", "late", "track_ms", "velocity"];

    private readonly HashSet<string> _paths = [];

    private AnswerComparison()
    {
    }

    public int FrameCount { get; private set; }

    public int NumberCount { get; private set; }

    public double LargestDifference { get; private set; }

    public int PathCount => _paths.Count;

    public static AnswerComparison OfFiles(string here, string there)
    {
        var comparison = new AnswerComparison();
        string[] lines = File.ReadAllLines(here), others = File.ReadAllLines(there);
        Assert.Equal(lines.Length, others.Length);
        foreach (var (line, other) in lines.Zip(others))
        {
            using JsonDocument a = JsonDocument.Parse(line), b = JsonDocument.Parse(other);
            comparison.FrameCount++;
            comparison._paths.Add(a.RootElement.GetProperty("path").GetString()!);
            comparison.Compare(a.RootElement, b.RootElement, $"line {comparison.FrameCount}");
        }

        return comparison;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{FrameCount} frames by the paths {string.Join(", ", _paths)}; {NumberCount} numbers, "
        + $"largest difference {LargestDifference:0.00000}");

    private void Compare(JsonElement a, JsonElement b, string at)
    {
        Assert.True(a.ValueKind == b.ValueKind, $"{at}: {a} here, {b} there");
        switch (a.ValueKind)
        {
            case JsonValueKind.Object:
                Assert.Equal(a.EnumerateObject().Select(p => p.Name), b.EnumerateObject().Select(p => p.Name));
                foreach (var property in a.EnumerateObject().Where(p => !_timings.Contains(p.Name)))
                {
                    Compare(property.Value, b.GetProperty(property.Name), $"{at} {property.Name}");
                }

                break;
            case JsonValueKind.Array:
                Assert.True(a.GetArrayLength() == b.GetArrayLength(), $"{at}: {a} here, {b} there");
                foreach (var (item, other) in a.EnumerateArray().Zip(b.EnumerateArray()))
                {
                    Compare(item, other, at);
                }

                break;
            case JsonValueKind.Number:
                NumberCount++;
                LargestDifference = Math.Max(LargestDifference, Math.Abs(a.GetDouble() - b.GetDouble()));
                break;
            default:
                Assert.True(a.ToString() == b.ToString(), $"{at}: {a} here, {b} there");
                break;
        }
    }
}
