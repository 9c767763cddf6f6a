using System.Buffers;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Tests.Workbench.Sweeps;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>
/// The real engine on the shipped pack and an endless simulated table, steered through its method table as the channel would.
/// </summary>
internal sealed class SteeringRig : IDisposable
{
    public static readonly ControlCaller Admin = new("anna", ControlRole.Admin, "unix");

    private readonly TemporaryFolder _folder = new();
    private readonly Thread _loop;

    /// <param name="packs">More packs, in YAML's flow style, with a comma before.</param>
    /// <param name="openLine">Takes a GPIO line; null: as on a board.</param>
    public SteeringRig(string policy = "kind: value", string more = "", string outputs = "", bool hasState = true, string packs = "",
        Func<GpioLineConfig, IGpioLine>? openLine = null)
    {
        ConfigPath = _folder.Write("device.yaml", $$"""
            runtime: { library: {{TestPlaces.OnnxRuntimeLibrary}}, threads: 1 }
            packs: { shapes: { manifest: {{ShapesSweeps.ShapesFolder}}/manifest.json }{{packs}} }
            sources: { table: { open: "sim://tabletop?width=160&height=120&seed=1", pack: shapes, take: every, pace: free,
              policy: { {{policy}} }{{more}} } }
            {{outputs}}
            """);
        var reading = DeviceConfigReader.ReadFile(ConfigPath);
        Assert.Empty(reading.Problems);
        var options = new EngineOptions(long.MaxValue, null, null, SimulatedSources.Schemes);
        Engine = new EngineBuilder(reading.Config!, openLine is null ? options : options with { OpenLine = openLine },
            (_, text) => Said(text)).Build();
        Journal = new JournalFile(_folder.Path);
        Steering = new EngineSteering(Engine, Journal, "robot", hasState ? _folder.Path : null);
        Steering.Attach(Table);
        _loop = new Thread(() => Engine.Run(long.MaxValue)) { IsBackground = true };
        _loop.Start();
    }

    public string ConfigPath { get; }

    public string Folder => _folder.Path;

    public RunningEngine Engine { get; }

    public JournalFile Journal { get; }

    public EngineSteering Steering { get; }

    public MethodTable Table { get; } = new();

    public List<string> Lines { get; } = [];

    public string File(string name) => _folder.File(name);

    /// <summary>Calls a method with a message that went through its bytes.</summary>
    public async Task<T> Call<T>(string method, IControlMessage? parameter = null) where T : class, IControlMessage
    {
        var buffer = new ArrayBufferWriter<byte>();
        if (parameter is not null)
        {
            FieldWriter.Write(buffer, parameter);
        }

        return (T)(await Table.Answer(method, buffer.WrittenSpan.ToArray(), Admin, CancellationToken.None))!;
    }

    public Task<ChangeReply> Change(SettingSet set, TrialRequest? trial = null, bool isDryRun = false) =>
        Call<ChangeReply>(ControlMethod.Change, new ChangeRequest { Set = set, Trial = trial, IsDryRun = isDryRun });

    /// <summary>Waits until so many frames have ended since now.</summary>
    public void PassFrames(int count)
    {
        long wanted = Engine.State.Streams[0].Tally.Ended + count;
        Assert.True(SpinWait.SpinUntil(() => Engine.State.Streams[0].Tally.Ended >= wanted, TimeSpan.FromMinutes(1)),
            "the loop does not go on");
    }

    /// <summary>Pumps as the channel's thread would, until something has come about.</summary>
    public async Task PumpUntil(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
            Steering.Watch.Pump(Engine.Clock.NowNs());
            await Task.Yield();
        }
    }

    public void StopLoop()
    {
        Engine.Stop();
        Assert.True(_loop.Join(TimeSpan.FromSeconds(30)));
    }

    public void Dispose()
    {
        StopLoop();
        Steering.Dispose();
        Engine.Dispose();
        Journal.Dispose();
        _folder.Dispose();
    }

    public bool HasSaid(string part)
    {
        lock (Lines)
        {
            return Lines.Exists(l => l.Contains(part, StringComparison.Ordinal));
        }
    }

    private void Said(string text)
    {
        lock (Lines)
        {
            Lines.Add(text);
        }
    }
}
