namespace EdgeRoute.SystemTests.Arm64;

/// <summary>
/// Programs for arm64 on this x64 machine, as <c>board.sh</c> beside this file starts them; skips a test, with the reason, where it cannot.
/// </summary>
internal static class EmulatedBoard
{
    private static readonly string _script = Path.Combine(HostProcess.Repository, "tests", "EdgeRoute.SystemTests", "Arm64", "board.sh");

    /// <summary>What the script says against running anything; empty where all is there.</summary>
    private static readonly Lazy<string> _obstacle = new(() =>
    {
        var (exitCode, output, error) = HostProcess.RunBinary(_script, null, "check");
        return exitCode == 0 ? "" : output + error;
    });

    /// <summary>The cross-built binary.</summary>
    public static string Binary { get; } = Path.Combine(HostProcess.Repository, "out", "linux-arm64", "edgerouted");

    public static HostProcess Start(params string[] arguments) => StartProgram(Binary, null, arguments);

    public static HostProcess StartProgram(string program, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        Skip.If(_obstacle.Value.Length > 0, _obstacle.Value);
        Assert.True(File.Exists(program), $"{program} is missing; ./build.sh test makes it");
        return HostProcess.StartBinary(_script, environment, ["run", program, .. arguments], TimeSpan.FromMinutes(30));
    }

    /// <summary>To the end, with success; standard output.</summary>
    public static string Run(params string[] arguments)
    {
        using var host = Start(arguments);
        Assert.True(host.WaitForExit() == 0, host.Output + host.Error);
        return host.Output;
    }
}
