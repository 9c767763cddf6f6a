using System.Text.Json;

namespace EdgeRoute.SystemTests;

/// <summary>The shipped config of a robot, the published binary, and a robot that is a process of its own: nothing is in process.</summary>
public sealed class RobotTests
{
    private const int EpisodeCount = 3;

    /// <summary>Several times what episodes take that end by time alone, which a machine that cannot keep up leaves in the end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [SkippableFact]
    public async Task A_robot_of_another_process_is_moved_over_the_channel_and_held_by_the_emergency_stop()
    {
        Skip.IfNot(File.Exists(LinkedDevice.Tool), $"the laptop tool {LinkedDevice.Tool} is missing; run ./build.sh tools");
        using var folder = new TempFolder();
        string socket = folder.File("control.sock"), port = FreePort();
        string device = $"unix:{socket}";
        using var host = HostProcess.Start("run", Config(folder, socket, port));
        // The camera is looked for as soon as the engine runs, and the robot comes after it.
        await host.Line("restart 1 in");
        using var arm = HostProcess.StartBinary(LinkedDevice.Tool, null,
            ["arm", "--device", device, "--port", port, "--count", $"{EpisodeCount}", "--json"], Patience);
        var (code, actions, error) = HostProcess.RunBinary(LinkedDevice.Tool, null, "actions", "--device", device, "--json",
            "--limit", "20");
        Assert.True(code == 0, error);
        Assert.Equal(20, actions.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(arm.WaitForExit() == 0, arm.Error);
        using var result = JsonDocument.Parse(arm.Output);
        Assert.Equal(EpisodeCount, result.RootElement.GetProperty("episodes").GetInt32());
        Assert.Equal(0, HostProcess.RunBinary(LinkedDevice.Tool, null, "stop", "--device", device, "--reason", "the test").ExitCode);
        Assert.Contains("EMERGENCY STOP", HostProcess.RunBinary(LinkedDevice.Tool, null, "status", "--device", device).Output,
            StringComparison.Ordinal);
        Assert.Equal(0, HostProcess.RunBinary(LinkedDevice.Tool, null, "release", "--device", device).ExitCode);
        Assert.Equal(0, HostProcess.RunBinary(LinkedDevice.Tool, null, "shutdown", "--device", device).ExitCode);
        Assert.True(host.WaitForExit() == 0, host.Error);
    }

    private static string Config(TempFolder folder, string socket, string port)
    {
        string shipped = File.ReadAllText(Path.Combine(HostProcess.Repository, "device-configs", "examples", "robot.yaml"));
        string path = folder.File("robot.yaml");
        File.WriteAllText(path, shipped.Replace("../../models", Path.Combine(HostProcess.Repository, "models"), StringComparison.Ordinal)
            .Replace("../../out/control.sock", socket, StringComparison.Ordinal).Replace("port=7431", $"port={port}",
                StringComparison.Ordinal));
        return path;
    }

    private static string FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return $"{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
