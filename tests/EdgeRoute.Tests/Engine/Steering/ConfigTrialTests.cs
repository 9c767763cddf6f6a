using System.Net;
using System.Net.Sockets;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Configs that read well and cannot be started, put while the real engine runs.</summary>
public sealed class ConfigTrialTests : IDisposable
{
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);

    public ConfigTrialTests() => _taken.Start();

    public void Dispose() => _taken.Dispose();

    [SkippableFact]
    public async Task A_config_that_cannot_be_started_is_refused_and_the_one_in_force_stays()
    {
        using var rig = new SteeringRig("kind: cascade");
        string text = File.ReadAllText(rig.ConfigPath);
        rig.PassFrames(5);
        foreach (var (name, hostile) in Hostile(rig, text))
        {
            var reply = await rig.Call<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = hostile, Restarts = true });
            Assert.True(reply is { IsWritten: false, Problems.Count: > 0 }, name);
            Assert.Equal(text, File.ReadAllText(rig.ConfigPath));
            Assert.False(rig.Engine.IsRestartAsked);
        }

        rig.PassFrames(5);
    }

    [SkippableFact]
    public async Task A_config_that_can_be_started_is_written_and_on_probation()
    {
        using var rig = new SteeringRig("kind: cascade");
        string text = File.ReadAllText(rig.ConfigPath) + "\ntrace: { file: run.erec }\n";
        var reply = await rig.Call<ConfigPutReply>(ControlMethod.ConfigPut, new ConfigPutRequest { Text = text });
        Assert.True(reply.IsWritten, string.Join('\n', reply.Problems));
        Assert.True(new EdgeRoute.Engine.Steering.ConfigProbation(rig.ConfigPath).IsOn);
        Assert.False(File.Exists(rig.File("run.erec")));
    }

    private List<(string Name, string Text)> Hostile(SteeringRig rig, string text)
    {
        string address = _taken.LocalEndpoint.ToString()!, broken = rig.File("broken.json"), damaged = rig.File("damaged");
        byte[] manifest = File.ReadAllBytes(Path.Combine(Workbench.Sweeps.ShapesSweeps.ShapesFolder, "manifest.json"));
        manifest[manifest.Length / 2] = 0xff;
        File.WriteAllBytes(broken, manifest);
        Directory.CreateDirectory(damaged);
        Directory.CreateDirectory(rig.File("damaged2"));
        File.WriteAllText(Path.Combine(damaged, "clients.json"), "damaged");
        return
        [
            ("metrics port", text + $"\ncontrol: {{ unix: none, metrics: '{address}' }}\n"),
            ("channel port", text + $"\ncontrol: {{ unix: none, tcp: '{address}', state: '{rig.Folder}/damaged2' }}\n"),
            ("read-only folder", text + "\ntrace: { file: /proc/run.erec }\n"),
            ("damaged clients", text + $"\ncontrol: {{ unix: none, tcp: '127.0.0.1:7421', state: '{damaged}' }}\n"),
            ("bad byte", text.Replace(Workbench.Sweeps.ShapesSweeps.ShapesFolder + "/manifest.json", broken, StringComparison.Ordinal)),
            ("socket path", text + "\ncontrol: { unix: /proc/control.sock }\n"),
            ("kept frames", text.Replace("kind: cascade }", "kind: value }, audit: { share: 0.1, keep_folder: /proc }",
                StringComparison.Ordinal)),
        ];
    }
}
