using System.Globalization;
using System.Text.Json;

namespace EdgeRoute.SystemTests;

/// <summary>
/// The published binary beside a server of gRPC that nobody here wrote: what stands in <c>tests/fixtures/grpc</c> speaks by
/// <c>@grpc/grpc-js</c> and runs the pack's models by another build of the library.
/// </summary>
public sealed class GrpcTests
{
    private const int FrameCount = 200;

    private static readonly string Fixture = Path.Combine(HostProcess.Repository, "tests", "fixtures", "grpc");

    private static readonly string Shapes = Path.Combine(HostProcess.Repository, "models", "shapes");

    [SkippableFact]
    public async Task A_server_of_other_hands_yields_the_same_answers()
    {
        Skip.IfNot(Directory.Exists(Path.Combine(Fixture, "node_modules")), $"needs npm: run 'npm ci --ignore-scripts' in {Fixture}");
        using var folder = new TempFolder();
        string[] stages = ["light", "heavy_1", "heavy_2"];
        using var server = HostProcess.StartBinary("node", null,
            [Path.Combine(Fixture, "serve.mjs"), .. stages.Select(s => $"{s}={Path.Combine(Shapes, $"{s}.onnx")}")]);
        string port = (await server.Line("listening")).Split(' ')[^1].Trim();
        var alone = Answers(folder, "alone", "");
        var there = Answers(folder, "there", $"engines:\n  rack: {{ kind: remote, address: 'grpc://127.0.0.1:{port}', use: always, "
            + "timeout_ms: 5000, stages: { light: {}, heavy_1: {}, heavy_2: {} } }\n");
        server.Signal(15);
        Assert.Equal(0, server.WaitForExit());
        Assert.Equal(FrameCount, alone.Count);
        Assert.Equal(alone, there);
        string served = server.Output.Split('\n').Single(l => l.StartsWith("served ", StringComparison.Ordinal));
        Assert.InRange(int.Parse(served.Split(' ')[1], CultureInfo.InvariantCulture), 60, int.MaxValue);
    }

    /// <summary>What was found on each frame, as it was written.</summary>
    private static List<string> Answers(TempFolder folder, string name, string engines)
    {
        string config = folder.Write($"{name}.yaml", $"packs:\n  shapes: {{ manifest: {Shapes}/manifest.json }}\n{engines}sources:\n"
            + $"  table: {{ open: 'sim://tabletop?seed=3&frames={FrameCount}&fps=40&width=320&height=240', pack: shapes, take: every, "
            + "pace: source, deadline_ms: none, policy: { kind: fixed, path: heavy_1>heavy_2 } }\n");
        string answers = folder.File($"{name}.jsonl");
        var (exitCode, _, error) = HostProcess.Run("run", config, "--answers", answers, "--quiet");
        Assert.True(exitCode == 0, error);
        return [.. File.ReadLines(answers).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("detections").GetRawText())];
    }
}
