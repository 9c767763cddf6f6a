using System.Globalization;
using System.Security.Cryptography;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary and a model that never returns.</summary>
public sealed class EndlessTests : IDisposable
{
    /// <summary>Longer than any test.</summary>
    private const int NeverMs = 600_000;

    private const int Terminate = 15;

    /// <summary>As a shell reports a process that this signal ended.</summary>
    private const int Terminated = 143;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_limit_of_a_stage_tells_it_and_every_other_frame_is_answered()
    {
        string table = "  table: { open: 'sim://tabletop?seed=3&frames=60&width=160&height=120', pack: shapes,"
            + " policy: { kind: cascade } }\n";
        var (exitCode, output, error) = HostProcess.Run("run", Config("endless.onnx", 300, [200, 210, 220], table), "--json");
        Assert.True(exitCode == 0, error);
        Assert.Contains("stage 'endless' has not returned", error, StringComparison.Ordinal);
        var sources = HostProcess.ReportOf(output).GetProperty("sources");
        var (stuck, other) = (sources[0], sources[1]);
        Assert.Equal((3, 0), (Count(stuck, "captured"), Count(stuck, "failed")));
        Assert.Equal(3, stuck.GetProperty("stages")[0].GetProperty("fault_count").GetInt32());
        Assert.Equal((60, 0, 0), (Count(other, "captured"), Count(other, "failed"), Count(other, "dropped")));
    }

    [Fact]
    public async Task A_signal_ends_a_run_that_is_inside_such_a_stage()
    {
        using var host = HostProcess.Start("run", Config("endless.onnx", NeverMs, [10, 200]));
        await host.FirstFrame;
        host.Signal(Terminate);
        Assert.True(host.WaitForExit() == 0, host.Error);
        Assert.Contains("stage 'endless' has not returned", host.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_ends_a_start_that_is_inside_such_a_stage_and_a_second_one_at_once()
    {
        string config = Config("endless_at_once.onnx", NeverMs, [10]);
        using var once = HostProcess.Start("run", config);
        using var twice = HostProcess.Start("run", config);
        await once.Line("onnxruntime ");
        await twice.Line("onnxruntime ");
        once.Signal(Terminate);
        while (!twice.HasExited)
        {
            twice.Signal(Terminate);
        }

        Assert.Equal(Terminated, twice.WaitForExit());
        Assert.Equal(1, once.WaitForExit());
        Assert.Contains("did not come to its end within 4500 ms of the signal", once.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_never_returns_when_it_is_loaded_is_refused_with_its_name()
    {
        string config = Config("endless_at_once.onnx", 100, [10]);
        Assert.Equal(0, HostProcess.Run("check", config).ExitCode);
        var (exitCode, _, error) = HostProcess.Run("run", config);
        Assert.True(exitCode == 2, error);
        Assert.Contains("stage 'endless' failed: a first run has not returned within 0.6 s", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static int Count(System.Text.Json.JsonElement source, string end) => source.GetProperty("ends").GetProperty(end).GetInt32();

    private string Config(string model, int limitMs, byte[] greys, string more = "")
    {
        string pictures = Directory.CreateDirectory(_folder.File($"pictures-{Guid.NewGuid():N}")).FullName;
        for (int i = 0; i < greys.Length; i++)
        {
            using var picture = new Image<L8>(8, 8, new L8(greys[i]));
            picture.SaveAsPng(Path.Combine(pictures, i.ToString(CultureInfo.InvariantCulture) + ".png"));
        }

        string models = Path.Combine(HostProcess.Repository, "tests", "fixtures", "onnx");
        _folder.Write("manifest.json", $$"""
            { "manifest": 1, "name": "endless", "version": "1", "title": "Never returns", "task": "classification",
              "labels": ["zero", "one", "two", "three"], "licence": { "spdx": "Apache-2.0", "origin": "tests/fixtures/onnx/make.py" },
              "stages": [
                { "name": "endless", {{FileOf(models, model)}}, {{Input("frame", 50)}},
                  "exit": { "head": "softmax_classification", "outputs": ["logits"] } },
                { "name": "sturdy", {{FileOf(models, "stage_a.onnx")}}, {{Input("image", 255)}},
                  "exit": { "head": "softmax_classification", "outputs": ["exit_logits"] } }],
              "edges": [{ "from": "frame", "to": "endless" }, { "from": "frame", "to": "sturdy" }],
              "policies": { "fixed_route": "endless" } }
            """);
        return _folder.Write($"{Guid.NewGuid():N}.yaml", $$"""
            runtime: { threads: 1, stage_limit_ms: {{limitMs}} }
            packs:
              endless: { manifest: {{_folder.File("manifest.json")}}, files: {{models}} }
              shapes: { manifest: {{Path.Combine(HostProcess.Repository, "models", "shapes", "manifest.json")}} }
            sources:
              stuck: { open: {{pictures}}, pack: endless, policy: { kind: fixed, path: endless } }

            """ + more);
    }

    private static string FileOf(string folder, string name) =>
        $"\"file\": \"{name}\", \"sha256\": \"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, name))))}\"";

    private static string Input(string tensor, int std) =>
        $$"""
        "input": { "tensor": "{{tensor}}", "width": 8, "height": 8, "channels": "rgb", "fit": "stretch", "std": [{{std}}] }
        """;
}
