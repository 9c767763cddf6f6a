using System.Globalization;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Tests.ControlChannel.Serving;
using EdgeRoute.Tests.Protocol.Framing;

namespace EdgeRoute.Tests.Engine.Steering;

public sealed class ChannelAnnouncementTests : IDisposable
{
    private static readonly string Key = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _complaints = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_device_is_announced_until_it_goes()
    {
        string started = _folder.File("started");
        string program = Program($"echo \"$$ $*\" > {started}.new; mv {started}.new {started}; exec sleep 600");
        string[] told;
        using (new ChannelAnnouncement("robot 3", 7420, Key, Complain, program))
        {
            ChannelRig.WaitUntil(() => File.Exists(started), "the program was started");
            told = File.ReadAllText(started).Trim().Split(' ', 2);
            Assert.Equal("--no-fail -s robot 3 _edgeroute._tcp 7420 key=0123456789abcdef", told[1]);
        }

        int child = int.Parse(told[0], CultureInfo.InvariantCulture);
        ChannelRig.WaitUntil(() => !Directory.Exists($"/proc/{child}"), "the program has ended");
        Assert.Empty(_complaints);
    }

    [Fact]
    public void An_announcement_that_ends_is_told_once()
    {
        using var announcement = new ChannelAnnouncement("robot", 7420, Key, Complain, Program("exit 1"));
        ChannelRig.WaitUntil(() => Complaints() > 0, "it was told");
        Assert.Contains("apt-get install avahi-utils", Assert.Single(_complaints), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_told_of_a_door_that_is_not_there()
    {
        const string Start = "packs: { p: { manifest: m } }\nsources: { s: { open: a.mp4, pack: p } }\ncontrol: { announce: true";
        var reading = DeviceConfigReader.ReadText(Start + " }\n", "/robot/device.yaml", checkPaths: false);
        Assert.StartsWith("control.announce is true, and there is no 'tcp'", Assert.Single(reading.Problems).Message,
            StringComparison.Ordinal);
        string right = Start + ", tcp: 0.0.0.0:7420, state: /var/lib/edgeroute }\n";
        var config = DeviceConfigReader.ReadText(right, "/robot/device.yaml", checkPaths: false).Config!;
        Assert.True(config.Control!.IsAnnounced);
        Assert.Contains("  announce: true\n", config.Effective(), StringComparison.Ordinal);
    }

    private void Complain(string text)
    {
        lock (_complaints)
        {
            _complaints.Add(text);
        }
    }

    private int Complaints()
    {
        lock (_complaints)
        {
            return _complaints.Count;
        }
    }

    private string Program(string script)
    {
        // Another process writes it: a program that a child of some other test still holds open for writing does not start.
        string text = _folder.Write("text", $"#!/bin/sh\n{script}\n"), path = _folder.File("announce");
        Assert.Equal(0, Interpreter.Run("/bin/sh", "-c", $"cat '{text}' > '{path}' && chmod 700 '{path}'").ExitCode);
        return path;
    }
}
