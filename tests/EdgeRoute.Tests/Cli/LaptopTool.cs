using System.Diagnostics;

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
}
