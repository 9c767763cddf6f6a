using System.Globalization;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Steering;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.TestBench.Sources;

/// <summary>
/// A device on the shipped pack with a source of which every frame counts, a recording, and a second source that comes and goes over the
/// control channel again and again.
/// </summary>
internal static class SourceSoak
{
    private const string Guest = "guest";

    /// <summary>Rounds in which tables, pools and the collector's budgets come into being.</summary>
    private const int SettlingCount = 10;

    /// <param name="folder">An empty one, for config, socket and recordings.</param>
    /// <param name="progress">Told of every round.</param>
    public static async Task<SoakFigures> Run(string repository, string library, string folder, int count, Action<int> progress)
    {
        string config = Path.Combine(folder, "device.yaml"), socket = Path.Combine(folder, "s");
        await File.WriteAllTextAsync(config, ConfigText(repository, library));
        var said = new List<string>();
        using var runner = new EngineRunner(config, new EngineOptions(long.MaxValue, null, null, SimulatedSources.Schemes),
            (_, text) => Note(said, text));
        var order = new SequenceCheck();
        RunningEngine? running = null;
        var run = Task.Factory.StartNew(() => runner.Run(DeviceConfigReader.ReadFile(config).Config!, engine =>
        {
            engine.Tracers.Add(order);
            running = engine;
            return order;
        }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await using var client = await Connect(socket, run);
            SoakLevel settled = default;
            for (int i = 0; i < SettlingCount + count; i++)
            {
                settled = i == SettlingCount ? SoakLevel.Now() : settled;
                await ComeAndGo(client, order);
                progress(i);
            }

            var after = SoakLevel.Now();
            var status = await client.RequestAsync<DeviceStatus>(ControlMethod.Status, null, null, default);
            running!.Stop();
            var report = await run.WaitAsync(TimeSpan.FromMinutes(1));
            return new SoakFigures(count, order.Count, order.GapCount, order.GuestCount, settled, after)
            {
                IsLawKept = report.Sources.All(s => s.IsLawKept),
                DroppedCount = status.Streams[0].Dropped,
                FailedCount = report.Total.Ends.Failed,
                Said = said,
            };
        }
        finally
        {
            running?.Stop();
        }
    }

    private static async Task ComeAndGo(DeviceClient client, SequenceCheck order)
    {
        long guests = order.GuestCount;
        var come = new SourceRequest
        {
            Name = Guest, Config = "open: 'sim://tabletop?width=160&height=120&seed=2'\ntake: newest\npace: source", WaitSeconds = 60,
        };
        await client.RequestAsync(ControlMethod.SourceAdd, come, DeviceClient.LongTimeLimit, default);
        await order.GuestAfter(guests).WaitAsync(TimeSpan.FromMinutes(1));
        await client.RequestAsync(ControlMethod.SourceRemove, new SourceRequest { Name = Guest }, DeviceClient.LongTimeLimit, default);
    }

    /// <summary>The socket is there when the device listens, which the engine's first frames come after.</summary>
    private static async Task<DeviceClient> Connect(string socket, Task run)
    {
        while (!File.Exists(socket) && !run.IsCompleted)
        {
            await Task.Yield();
        }

        var client = await new DeviceFinder().Find("unix:" + socket)(default);
        while (true)
        {
            try
            {
                await client.RequestAsync(ControlMethod.Describe, null, null, default);
                return client;
            }
            catch (DeviceRefusedException) when (!run.IsCompleted)
            {
                // The channel is open before there is an engine to speak for.
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private static void Note(List<string> said, string text)
    {
        lock (said)
        {
            // The last lines are enough to see what went wrong.
            said.RemoveRange(0, said.Count > 200 ? 100 : 0);
            said.Add(text);
        }
    }

    private static string ConfigText(string repository, string library) => string.Create(CultureInfo.InvariantCulture, $$"""
        runtime: { library: '{{library}}', threads: 1 }
        packs: { shapes: { manifest: '{{repository}}/models/shapes/manifest.json' } }
        sources:
          steady: { open: "sim://tabletop?width=160&height=120&seed=1", pack: shapes, take: every, pace: free }
        trace: { file: run.erec }
        disk: { keep_mb: 20, file_mb: 10, free_mb: 0 }
        control: { unix: s, tcp: none }
        """);
}

/// <summary>Watches the frames of the source that stays: each must follow the one before. Disposed of with the run.</summary>
internal sealed class SequenceCheck : IAnswerConsumer, IDisposable
{
    private readonly Lock _gate = new();
    private long _last = -1, _count, _gaps, _guests, _wanted = long.MaxValue;
    private TaskCompletionSource _came = new();

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Frames that are missing or out of order.</summary>
    public long GapCount => Interlocked.Read(ref _gaps);

    /// <summary>Frames of the source that comes and goes.</summary>
    public long GuestCount => Interlocked.Read(ref _guests);

    public void Publish(in PublishedFrame frame)
    {
        if (frame.StreamIndex == 0)
        {
            long sequence = frame.Record.Stamp.Sequence;
            Interlocked.Add(ref _gaps, sequence == _last + 1 ? 0 : 1);
            _last = sequence;
            Interlocked.Increment(ref _count);
            return;
        }

        lock (_gate)
        {
            if (++_guests > _wanted)
            {
                _came.TrySetResult();
            }
        }
    }

    /// <summary>Ends with the first frame of the source that comes and goes after so many.</summary>
    public Task GuestAfter(long count)
    {
        lock (_gate)
        {
            (_wanted, _came) = (count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (_guests > count)
            {
                _came.TrySetResult();
            }

            return _came.Task;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _came.TrySetException(new InvalidOperationException("the run has ended"));
        }
    }
}

/// <summary>What a process holds.</summary>
internal readonly record struct SoakLevel(long ResidentKilobytes, long ManagedKilobytes, int DescriptorCount, int ThreadCount)
{
    public static SoakLevel Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return new SoakLevel(StatusOf("VmRSS:"), GC.GetTotalMemory(forceFullCollection: true) / 1024,
            Directory.GetFileSystemEntries("/proc/self/fd").Length, (int)StatusOf("Threads:"));
    }

    private static long StatusOf(string key)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}

/// <summary>What came of a soak.</summary>
/// <param name="FrameCount">Of the source that stayed.</param>
/// <param name="Settled">After the first rounds.</param>
internal sealed record SoakFigures(int RoundCount, long FrameCount, long GapCount, long GuestFrameCount, SoakLevel Settled, SoakLevel After)
{
    /// <summary>Captured equals the sum of the ends.</summary>
    public required bool IsLawKept { get; init; }

    /// <summary>Of the source that stayed, while it ran.</summary>
    public required long DroppedCount { get; init; }

    public required long FailedCount { get; init; }

    /// <summary>The device's last lines.</summary>
    public required IReadOnlyList<string> Said { get; init; }
}
