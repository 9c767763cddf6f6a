using System.Diagnostics;

namespace EdgeRoute.SystemTests;

/// <summary>
/// The recipe of the policy pack, run for two minutes: trains, exports, compares with the trained networks in ONNX Runtime, writes a pack
/// that loads.
/// </summary>
public sealed class RecipeTests
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Only a recipe that hangs is waited for as long: it trains for two minutes and builds the data writer first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [SkippableFact]
    public async Task Two_minutes_of_training_end_in_a_pack_that_equals_the_trained_networks()
    {
        Skip.IfNot(File.Exists(Python) && await Run(Python, ["-c", "import torch, onnx, numpy"], new()) is (0, _),
            "needs PyTorch and ONNX: apt-get install python3-torch python3-onnx libopenblas0-pthread");
        using var folder = new TempFolder();
        string work = folder.File("work"), pack = Directory.CreateDirectory(folder.File("pack")).FullName;
        string recipe = Path.Combine(HostProcess.Repository, "models", "recipes", "tabletop", "train.sh");
        var (exitCode, said) = await Run("bash", [recipe, "--minutes", "2", "--chunk-steps", "300"], new Dictionary<string, string>
        {
            ["TABLETOP_WORK"] = work, ["TABLETOP_PACK"] = pack, ["TABLETOP_COUNT"] = "0", ["TABLETOP_CHOOSE"] = "0",
            ["OMP_NUM_THREADS"] = "1",
        });
        Assert.True(exitCode == 0, said);
        Assert.Contains("heavy_3: largest difference", said);
        Assert.True(File.Exists(Path.Combine(work, "checkpoint.pt")), said);
        const string Arm = "sim://tabletop?task=pick_place&fps=0&episodes=2";
        string config = folder.Write("arm.yaml", $"packs:\n  p: {{ manifest: {pack}/manifest.json }}\n"
            + $"sources:\n  arm: {{ open: '{Arm}', pack: p }}\n");
        var (ranCode, output, error) = HostProcess.Run("run", config, "--json");
        Assert.True(ranCode == 0, error);
        Assert.Contains("\"plan_count\"", output);
    }

    private static async Task<(int ExitCode, string Text)> Run(string program, IEnumerable<string> arguments,
        Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = HostProcess.Repository };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var (text, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        return (process.ExitCode, await text + await errors);
    }
}
