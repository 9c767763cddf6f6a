using System.Diagnostics;
using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>The RTSP server of tests/fixtures/rtsp as a child process; skips the test, naming the packages, where it cannot run.</summary>
internal sealed class RtspServer : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly Process _process;

    private RtspServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public string Address => $"rtsp://127.0.0.1:{Port}/cam";

    /// <summary>Starts it on a port (0: a free one) and returns once it listens.</summary>
    /// <param name="more">As tests/fixtures/rtsp/server.py takes them.</param>
    public static RtspServer Start(int port = 0, params string[] more)
    {
        GstNeeds.TestPicture();
        GstNeeds.Elements(
            ("jpegenc", "gstreamer1.0-plugins-good"), ("rtpjpegpay", "gstreamer1.0-plugins-good"),
            ("rtspsrc", "gstreamer1.0-plugins-good"));
        Skip.IfNot(File.Exists(Python), "needs python3 of Debian: apt-get install python3");
        var start = new ProcessStartInfo(Python, [TestPlaces.Fixture("rtsp", "server.py"),
            port.ToString(System.Globalization.CultureInfo.InvariantCulture), .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        string? ready = process.StandardOutput.ReadLine();
        if (ready is null || !ready.StartsWith("ready ", StringComparison.Ordinal))
        {
            string words = process.StandardError.ReadToEnd();
            process.Kill();
            Skip.If(
                words.Contains("No module named 'gi'", StringComparison.Ordinal)
                    || words.Contains("Namespace GstRtspServer", StringComparison.Ordinal),
                "needs an RTSP server: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0");
            Assert.Fail($"the RTSP server did not start: {words}");
        }

        return new RtspServer(process, int.Parse(ready![6..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
