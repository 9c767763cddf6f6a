using System.Reflection;
using System.Text.Json;

namespace EdgeRoute.SystemTests;

/// <summary>
/// Libraries older than the managed API, as the builds for boards are: the published binary serves them, and answers the same.
/// </summary>
public sealed class OlderLibraryTests(OlderLibraryTests.Newest newest) : IClassFixture<OlderLibraryTests.Newest>
{
    [Theory]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(20)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(25)]
    [InlineData(27)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(30)]
    public void Functions_that_came_later_are_not_needed_for_an_answer(int version)
        => Assert.Equal(newest.Answers, Answers(new() { ["EDGEROUTE_ONNXRUNTIME_API"] = $"{version}" }));

    [Fact]
    public void An_older_library_gives_the_same_answers()
    {
        var environment = new Dictionary<string, string?> { ["EDGEROUTE_ONNXRUNTIME"] = OlderLibrary };
        Assert.Equal(newest.Answers, Answers(environment));
        string doctor = HostProcess.RunBinary(HostProcess.Binary, environment, "doctor").Output;
        Assert.Contains("1.30.0, API 30", doctor);
        Assert.Contains($"library                {OlderLibrary}", doctor);
    }

    [Fact]
    public void A_provider_is_refused_in_words_by_the_oldest_library_too()
    {
        var (exitCode, output, _) = HostProcess.RunBinary(HostProcess.Binary, new Dictionary<string, string?>
            { ["EDGEROUTE_ONNXRUNTIME_API"] = "17" }, "doctor");
        Assert.Equal(0, exitCode);
        Assert.Contains("TensorRT execution provider is not enabled in this build", output);
    }

    [Fact]
    public void A_library_that_is_too_old_is_named_with_what_is_needed()
    {
        var (exitCode, _, error) = HostProcess.RunBinary(HostProcess.Binary, new Dictionary<string, string?>
            { ["EDGEROUTE_ONNXRUNTIME_API"] = "16" }, "run", "device-configs/examples/shapes.yaml", "--frames", "1");
        Assert.Equal(1, exitCode);
        Assert.Contains("1.17 or newer is needed", error);
    }

    private static string OlderLibrary => typeof(OlderLibraryTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(pair => pair.Key == "OlderOnnxRuntime").Value!;

    /// <summary>Of four simulated frames on a fixed path, so that no path depends on time; without what does.</summary>
    private static string[] Answers(Dictionary<string, string?> environment)
    {
        using var folder = new TempFolder();
        string shapes = Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json");
        string config = folder.Write("heavy.yaml", $$"""
            packs:
              shapes: { manifest: {{shapes}} }
            sources:
              table:
                open: sim://tabletop?width=320&height=240&seed=3
                pack: shapes
                take: every
                pace: free
                policy: { kind: fixed, path: "light>heavy_1>heavy_2" }
            """);
        string answers = folder.File("answers.jsonl");
        var (exitCode, _, error) = HostProcess.RunBinary(HostProcess.Binary, environment, "run", config, "--frames", "4",
            "--answers", answers);
        Assert.True(exitCode == 0, error);
        return [.. File.ReadLines(answers).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("detections").GetRawText())];
    }

    /// <summary>What the library beside the binary answers.</summary>
    public sealed class Newest
    {
        public IReadOnlyList<string> Answers { get; } = OlderLibraryTests.Answers([]);
    }
}
