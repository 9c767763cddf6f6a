using Xunit.Abstractions;

namespace EdgeRoute.SystemTests.Arm64;

/// <summary>
/// Unit tests on the emulated processor: the same assembly, compiled just in time for arm64. Chosen are those whose code differs there (the
/// NEON kernels, each forced by its name and compared with the plain definition; vector arithmetic) and pure decisions.
/// </summary>
public sealed class BoardUnitTests(ITestOutputHelper output)
{
    /// <summary>
    /// The emulator does not follow code that is written at one address and run at another. Code that is replaced as it runs costs it more
    /// than code that is compiled well at once.
    /// </summary>
    private static readonly Dictionary<string, string?> _runtime = new() { ["DOTNET_EnableWriteXorExecute"] = "0",
        ["DOTNET_TieredCompilation"] = "0" };

    [SkippableTheory]
    [InlineData("Engine.Preprocess")]
    [InlineData("Core.Gains", "Core.Signals", "Core.Routing.RouterTests", "Engine.Stages.Heads")]
    public void Chosen_unit_tests_pass_on_the_board(params string[] places)
    {
        string tests = AppContext.BaseDirectory.Replace("EdgeRoute.SystemTests", "EdgeRoute.Tests", StringComparison.Ordinal);
        string runner = Path.Combine(HostProcess.Repository, "out", "arm64", "runner", "EdgeRoute.TestRunner");
        using var run = EmulatedBoard.StartProgram(runner, _runtime,
            [Path.Combine(tests, "EdgeRoute.Tests.dll"), .. places.Select(p => "EdgeRoute.Tests." + p)]);
        int exitCode = run.WaitForExit();
        output.WriteLine(run.Output);
        Assert.True(exitCode == 0, run.Output + run.Error);
    }
}
