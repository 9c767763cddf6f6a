using System.Diagnostics;

namespace EdgeRoute.SystemTests;

/// <summary>The Python client drives the published binary end to end.</summary>
public sealed class PythonClientTests
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Only a device or a script that hangs is waited for as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [SkippableFact]
    public async Task A_program_sees_watches_steers_records_and_ends_a_running_device()
    {
        Skip.IfNot(File.Exists(Python) && await RunPython("-c", "import msgpack") is (0, _),
            "needs Python's msgpack: apt-get install python3-msgpack");
        using var folder = new TempFolder();
        string socket = folder.File("control.sock"), state = Directory.CreateDirectory(folder.File("state")).FullName;
        string config = Path.Combine(HostProcess.Repository, "device-configs", "examples", "value.yaml");
        string text = (await File.ReadAllTextAsync(config)).Replace("../../models", Path.Combine(HostProcess.Repository, "models"),
            StringComparison.Ordinal)
            .Replace("../../out/value.erec", folder.File("value.erec"), StringComparison.Ordinal).Replace("pace: free", "pace: source",
                StringComparison.Ordinal);
        string own = folder.File("device.yaml");
        await File.WriteAllTextAsync(own, $"{text}\ncontrol: {{ unix: {socket}, state: {state}, name: robot }}\n");
        var (checkCode, _, checkError) = HostProcess.Run("check", own);
        Skip.If(checkCode != 0 && checkError.Contains("'control'", StringComparison.Ordinal),
            $"the published binary has no control channel: {checkError}");
        using var host = HostProcess.Start("run", own);
        await host.FirstFrame.WaitAsync(Patience);
        var (exitCode, said) = await RunPython(Path.Combine(HostProcess.Repository, "tools", "clients", "python", "tests", "live.py"),
            socket);
        Assert.True(exitCode == 0, $"{said}\n{host.Error}");
        Assert.Contains("all is well", said);
        Assert.True(host.WaitForExit() == 0, host.Error);
    }

    private static async Task<(int ExitCode, string Text)> RunPython(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" } };
        using var process = Process.Start(start)!;
        var (text, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        return (process.ExitCode, await text + await errors);
    }
}
