using System.Diagnostics;
using System.Globalization;

namespace EdgeRoute.Tests.Cli;

/// <summary>The laptop tool as a process of its own, as the build put it beside the tests.</summary>
internal static class LaptopTool
{
    /// <param name="shell">What a shell does before it becomes the tool; empty for nothing.</param>
    /// <param name="environment">Null takes a variable away.</param>
    public static (int ExitCode, string Output, string Error) Run(string folder, string shell, Dictionary<string, string?> environment,
        params string[] arguments)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "edgeroute.dll");
        var start = new ProcessStartInfo("sh", ["-c", $"{shell}\nexec dotnet \"$@\"", "sh", tool, .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Interrupts the tool as soon as it says how long it still needs; what it says before that is not returned.</summary>
    /// <exception cref="OperationCanceledException">It said nothing of the kind, or did not end; the limit only bounds a test that
    /// fails.</exception>
    public static async Task<(int ExitCode, string Output, string Error)> Interrupt(params string[] arguments)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        // A shell starts what runs in its background deaf to SIGINT, and its children inherit that; 'env' gives them their ears back.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "edgeroute.dll"),
            .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var ending = limit.Token.Register(process.Kill);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync(limit.Token);
        }
        while (line is not null && !line.Contains("s left", StringComparison.Ordinal));
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        string rest = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, rest);
    }
}
