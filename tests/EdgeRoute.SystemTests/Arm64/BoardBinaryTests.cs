using System.Net.Sockets;
using System.Text.RegularExpressions;
using EdgeRoute.Core.Frames;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Tests.ControlChannel.Serving;
using Xunit.Abstractions;

namespace EdgeRoute.SystemTests.Arm64;

/// <summary>
/// The binary that a Jetson runs, on an emulated board, against this machine's own. No deadline and no budget: paths rest on pixels alone.
/// </summary>
public sealed class BoardBinaryTests(ITestOutputHelper output)
{
    private const string Shapes = "shapes", Tabletop = "tabletop";

    [SkippableFact]
    public void The_doctor_finds_the_board_ready()
    {
        string report = EmulatedBoard.Run("doctor");
        output.WriteLine(report);
        Assert.Matches(@"system .*, arm64\n", report);
        Assert.Matches(@"\n +asimd", report);
        Assert.Contains(Path.Combine(Path.GetDirectoryName(EmulatedBoard.Binary)!, "libonnxruntime.so"), report);
        foreach (string part in new[] { "CPU", "libjpeg-turbo", "GStreamer", "decodebin", "qtdemux", "avdec_h264" })
        {
            Assert.Matches($@"\n  ok +{part}\b", report);
        }

        Assert.Contains("\nReady.\n", report);
    }

    /// <summary>One is refused, for want of files that only its owner has: in the same words.</summary>
    [SkippableFact]
    public void Example_configs_are_judged_as_on_this_machine()
    {
        string[] configs = Directory.GetFiles(Path.Combine(HostProcess.Repository, "device-configs", "examples"), "*.yaml");
        int accepted = 0;
        foreach (string config in configs)
        {
            var here = HostProcess.Run("check", config);
            using var there = EmulatedBoard.Start("check", config);
            Assert.Equal(here, (there.WaitForExit(), there.Output, there.Error));
            accepted += here.ExitCode == 0 ? 1 : 0;
        }

        output.WriteLine($"{configs.Length} configs, {accepted} accepted");
        Assert.True(accepted >= 3);
    }

    [SkippableFact]
    public void A_film_is_answered_as_on_this_machine()
    {
        using var folder = new TempFolder();
        string film = Path.Combine(HostProcess.Repository, "tests", "fixtures", "video", "tables.mp4");
        CompareAnswers(folder, Config(folder, Shapes, film), frameCount: 4);
    }

    [SkippableFact]
    public void A_folder_of_pictures_is_answered_as_on_this_machine()
    {
        using var folder = new TempFolder();
        string pictures = Directory.CreateDirectory(folder.File("pictures")).FullName;
        WritePictures(folder, pictures);
        CompareAnswers(folder, Config(folder, Shapes, pictures), frameCount: 4);
    }

    [SkippableFact]
    public void Actions_of_a_policy_are_those_of_this_machine()
    {
        using var folder = new TempFolder();
        CompareAnswers(folder, Config(folder, Tabletop, "sim://tabletop?task=pick_place&seed=1&clutter=uniform&frames=12"), frameCount: 12);
    }

    [SkippableFact]
    public async Task The_control_channel_tells_how_it_goes_and_shuts_the_board_down()
    {
        using var folder = new TempFolder();
        string socket = folder.File("control.sock");
        string config = Config(folder, Shapes, "sim://tabletop?seed=3&width=320&height=240", $"control: {{ unix: {socket}, tcp: none }}\n");
        using var host = EmulatedBoard.Start("run", config, "--json");
        await host.Line("first frame");
        using var client = Connect(socket, host.Patience);
        Assert.Equal(ControlRole.Admin, client.Hello().Role);
        var stream = Assert.Single(client.Ask<DeviceStatus>(ControlMethod.Status, new NoParameters()).Streams);
        Assert.True(stream.Captured > 0);
        client.Ask<Subscription>(ControlMethod.Subscribe, new SubscribeRequest { Kind = "telemetry", RateHz = 5 });
        var told = client.Notification<TelemetryMessage>(ControlNotification.Telemetry);
        Assert.True(Assert.Single(told.Status.Streams).Captured >= stream.Captured);
        client.Send(ControlMethod.Shutdown, new NoParameters());
        Assert.True(host.WaitForExit() == 0, host.Error);
        Assert.True(HostProcess.ReportOf(host.Output).GetProperty("total").GetProperty("is_law_kept").GetBoolean());
    }

    /// <summary>Ended by its last frame, not by the clock, so that an episode ends on the slowest machine.</summary>
    [SkippableFact]
    public void The_demo_places_what_it_is_told_to_and_draws_its_sheet()
    {
        using var folder = new TempFolder();
        string config = Config(folder, Tabletop, "sim://tabletop?task=pick_place&fps=30&seed=1&clutter=uniform&frames=16");
        string sheet = folder.File("episodes.png");
        string here = Placed(HostProcess.Run("demo", config, "--seconds", "3600", "--sheet", sheet).Output);
        File.Delete(sheet);
        Assert.Equal(here, Placed(EmulatedBoard.Run("demo", config, "--seconds", "3600", "--sheet", sheet)));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(sheet)[..4]);
    }

    private void CompareAnswers(TempFolder folder, string config, int frameCount)
    {
        string here = folder.File("here.jsonl"), there = folder.File("there.jsonl");
        var (exitCode, _, error) = HostProcess.Run("run", config, "--answers", here);
        Assert.True(exitCode == 0, error);
        EmulatedBoard.Run("run", config, "--answers", there);
        var comparison = AnswerComparison.OfFiles(here, there);
        output.WriteLine(comparison.ToString());
        Assert.Equal(frameCount, comparison.FrameCount);
        Assert.True(comparison.PathCount > 1, "the frames should not all take one path, or little is shown");
        Assert.True(comparison.NumberCount > 10 * frameCount);
        Assert.True(comparison.LargestDifference <= 1e-3);
    }

    /// <summary>The first frames of four simulated tables, as JPEG files.</summary>
    private static void WritePictures(TempFolder folder, string pictures)
    {
        foreach (var (seed, clutter) in new[] { (1, 0.3), (2, 0.8), (3, 0.6), (4, 0.7) })
        {
            string recording = folder.File($"{seed}.erec");
            string address = FormattableString.Invariant($"sim://tabletop?seed={seed}&clutter={clutter}&frames=1&width=320&height=240");
            var (exitCode, _, error) = HostProcess.Run(
                "run", Config(folder, Shapes, address, $"record: {{ file: {recording}, frames: jpeg }}\n"));
            Assert.True(exitCode == 0, error);
            using var file = File.OpenRead(recording);
            var reader = new RecordReader(file);
            while (reader.Read())
            {
                if (reader.Kind == RecordKind.Frame)
                {
                    Assert.Equal(PixelFormat.Jpeg, reader.FrameLayout.Format);
                    File.WriteAllBytes(Path.Combine(pictures, $"{seed}.jpg"), reader.FrameBytes);
                }
            }
        }
    }

    private static ChannelClient Connect(string path, TimeSpan patience)
    {
        int limitMs = (int)patience.TotalMilliseconds;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = limitMs,
            SendTimeout = limitMs };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new ChannelClient(new NetworkStream(socket), socket);
    }

    /// <summary>What the demo's table says of success and arithmetic; times are the machine's own.</summary>
    private static string Placed(string report)
    {
        var rows = Regex.Matches(report, @"^(cascade|always heavy) +(\d+) +([\d.]+ %) .*? %  +[\d.]+ +([\d.]+) +([\d.]+) +([\d.]+)$",
            RegexOptions.Multiline);
        Assert.Equal(2, rows.Count);
        return string.Join('\n', rows.Select(r => string.Join(' ', r.Groups.Values.Skip(1))));
    }

    private static string Config(TempFolder folder, string pack, string address, string outputs = "") => folder.Write(
        Guid.NewGuid().ToString("N") + ".yaml", $$"""
        runtime: { threads: 1, stage_limit_ms: 600000 }
        packs:
          it: { manifest: {{Path.Combine(HostProcess.Repository, "models", pack, "manifest.json")}} }
        sources:
          view: { open: '{{address}}', pack: it, take: every, pace: free, policy: { kind: cascade }, deadline_ms: none, stall_ms: 600000 }
        {{outputs}}
        """);
}
