using System.Text.Json;
using EdgeRoute.Tests.Engine.Mqtt;

namespace EdgeRoute.SystemTests;

/// <summary>The published binary with a real broker: ahead-of-time compilation left the client whole.</summary>
public sealed class MqttTests : IDisposable
{
    private const int Kill = 9, Terminate = 15;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(Kill)]
    [InlineData(Terminate)]
    public void A_run_that_ends_however_is_offline_and_what_it_told_was_json(int signal)
    {
        using var broker = new Mosquitto();
        using var listener = broker.Listen();
        using var host = HostProcess.Start("run", Config($"mqtt://127.0.0.1:{broker.Port}"));
        listener.Until("robot/availability", "online");
        var answer = listener.Until("an answer", m => m.Topic == "robot/cam/answers");
        Assert.Equal("cam", JsonDocument.Parse(answer.Payload).RootElement.GetProperty("source").GetString());
        listener.Until("what Home Assistant is told", m => m.Topic.StartsWith("homeassistant/sensor/", StringComparison.Ordinal));
        host.Signal(signal);
        listener.Until("robot/availability", "offline");
        host.WaitForExit();
    }

    [SkippableFact]
    public async Task A_broker_that_is_not_there_delays_no_start_and_no_end()
    {
        Mosquitto.Need();
        using var host = HostProcess.Start("run", Config($"mqtts://127.0.0.1:{Mosquitto.FreePort()}"), "--frames", "100");
        await host.Line("nothing listens at 127.0.0.1");
        Assert.True(host.WaitForExit() == 0, host.Error);
    }

    private string Config(string broker)
    {
        string path = _folder.File("device.yaml");
        File.WriteAllText(path, $$"""
            packs: { shapes: { manifest: {{HostProcess.Repository}}/models/shapes/manifest.json } }
            sources: { cam: { open: "sim://tabletop?width=160&height=120&fps=30", pack: shapes, policy: { kind: cascade } } }
            outputs: { home: { kind: mqtt, broker: "{{broker}}", topic: robot, home_assistant: true } }
            """);
        return path;
    }
}
