using System.Diagnostics;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>Other programs that tests run.</summary>
internal static class Tool
{
    public static bool IsInstalled(string name)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>Runs to the end and gives the bytes of its standard output; any other end than 0 fails the test with its words.</summary>
    public static byte[] Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true,
            RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command} ended with {process.ExitCode}: {errors.Result}");
        return output.ToArray();
    }
}
