using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// What an engine holds: its config, packs and streams as they are now. Changed between frames only, on the loop's thread; packs may be
/// looked up from any thread.
/// </summary>
public sealed class EngineState(DeviceConfig config) : IDisposable
{
    /// <summary>Replaced as a whole, because other threads read it.</summary>
    private volatile Dictionary<string, LoadedPack> _packs = new(StringComparer.Ordinal);

    private volatile LiveStream[] _live = [];
    private volatile FrameStream[] _streams = [];
    private int _nextIndex;
    private long _goneAnswered;

    /// <summary>As read, with every change since.</summary>
    public DeviceConfig Config { get; private set; } = config;

    /// <summary>A stream has become what a plan says; on the loop's thread, between frames.</summary>
    public event Action<int, StreamSetup>? Replaced;

    /// <summary>A stream has a pack that none had, whose answers may take more room; on the loop's thread, between frames.</summary>
    public event Action? PackChanged;

    /// <summary>Streams have come or gone; on the loop's thread, between frames.</summary>
    public event Action? StreamsChanged;

    /// <summary>Frames answered so far, those of streams that have gone included; any thread.</summary>
    internal long AnsweredCount => Interlocked.Read(ref _goneAnswered) + _streams.Sum(s => AnsweredOf(s.Tally));

    /// <summary>In the order of the config's sources. Replaced as a whole where streams come or go.</summary>
    public IReadOnlyList<FrameStream> Streams => _streams;

    /// <summary>The same with all that belongs to each; any thread.</summary>
    internal IReadOnlyList<LiveStream> Live => _live;

    /// <summary>The threads of the sources there are when it is gone through; any thread.</summary>
    internal IEnumerable<CaptureThread> Captures
    {
        get
        {
            foreach (var live in _live)
            {
                if (live.Capture is { } capture)
                {
                    yield return capture;
                }
            }
        }
    }

    /// <summary>Servers that run stages of its packs too.</summary>
    internal RemoteEngines Remotes { get; set; } = RemoteEngines.None;

    /// <summary>Names and packs, those included that no stream uses.</summary>
    public IReadOnlyDictionary<string, LoadedPack> Packs => _packs;

    public LoadedPack PackNamed(string name) => _packs[name];

    public LoadedPack PackOf(int streamIndex) => LiveOf(streamIndex).Setup.Pack;

    /// <summary>What a stream's frames came to, for the run's report.</summary>
    internal RunTally TallyOf(int streamIndex) => LiveOf(streamIndex).Tally;

    /// <summary>Null: there is no stream of that index any more.</summary>
    internal LiveStream? Find(int streamIndex)
    {
        foreach (var live in _live)
        {
            if (live.Stream.Index == streamIndex)
            {
                return live;
            }
        }

        return null;
    }

    /// <summary>Null: there is no stream of that name.</summary>
    internal LiveStream? Find(string name) => Array.Find(_live, l => l.Stream.Name == name);

    /// <summary>
    /// The number of a stream that is to come: none that runs has it, and none had it lately, so that what is on its way still is never
    /// taken for another's.
    /// </summary>
    internal int NextIndex()
    {
        do
        {
            // Brief traces have 16 bits for it.
            _nextIndex = _nextIndex > short.MaxValue ? 0 : _nextIndex;
        }
        while (Find(_nextIndex++) is not null);
        return _nextIndex - 1;
    }

    public void Add(string name, LoadedPack pack) =>
        _packs = new Dictionary<string, LoadedPack>(_packs, StringComparer.Ordinal) { [name] = pack };

    /// <summary>A pack that was loaded while the engine runs.</summary>
    public void Add(PackConfig added, LoadedPack pack)
    {
        Add(added.Name, pack);
        Config = Config with { Packs = [.. Config.Packs, added] };
    }

    /// <summary>Takes a pack out that no stream uses.</summary>
    public void Remove(string name)
    {
        var pack = _packs[name];
        _packs = _packs.Where(p => p.Key != name).ToDictionary(StringComparer.Ordinal);
        Config = Config with { Packs = [.. Config.Packs.Where(p => p.Name != name)] };
        pack.Dispose();
    }

    /// <summary>At start: a stream for the next source of the config.</summary>
    /// <param name="capture">Its thread, made for the stream's index; null where something else gives frames.</param>
    internal FrameStream Add(SourceConfig source, FrameStreamParts parts, Func<int, CaptureThread>? capture = null)
    {
        var stream = new FrameStream(NextIndex(), parts);
        var setup = new StreamSetup(source, PackNamed(source.PackName), parts) { Index = stream.Index };
        Take([.. _live, new LiveStream(stream, setup, new RunTally(source.Name, parts.Router.Tree), capture?.Invoke(stream.Index))]);
        return stream;
    }

    /// <summary>
    /// A stream goes, or one comes, or one comes in the place of another; on the loop's thread, between frames. What has gone is the
    /// caller's to stop and dispose of.
    /// </summary>
    /// <param name="leaving">Null: none goes.</param>
    /// <param name="coming">Null: none comes.</param>
    /// <param name="place">Where it comes among the others.</param>
    internal void Exchange(LiveStream? leaving, StreamSetup? coming, CaptureThread? capture, int place)
    {
        var before = _live;
        leaving?.Stream.Pricing?.Leave();
        leaving?.Setup.Parts.Rules?.LetGo();
        Interlocked.Add(ref _goneAnswered, leaving is null ? 0 : AnsweredOf(leaving.Stream.Tally));
        List<LiveStream> streams = [.. _live.Where(l => l != leaving)];
        if (coming is not null)
        {
            streams.Insert(place, new LiveStream(new FrameStream(coming.Index, coming.Parts), coming,
                new RunTally(coming.Source.Name, coming.Pack.Tree), capture));
        }

        Take([.. streams]);
        Config = Config with { Sources = [.. streams.Select(l => l.Setup.Source)] };
        StreamsChanged?.Invoke();
        if (coming is not null && !before.Any(l => ReferenceEquals(l.Setup.Pack, coming.Pack)))
        {
            PackChanged?.Invoke();
        }
    }

    /// <summary>A stream becomes what a plan says.</summary>
    public void Replace(int index, StreamSetup plan)
    {
        var before = LiveOf(index);
        bool isOtherPack = !ReferenceEquals(plan.Pack, before.Setup.Pack);
        var tally = isOtherPack ? new RunTally(plan.Source.Name, plan.Pack.Tree, before.Tally) : before.Tally;
        before.Stream.Replace(plan.Parts);
        Take([.. _live.Select(l => l == before ? l with { Setup = plan, Tally = tally } : l)]);
        Config = Config with { Sources = [.. _live.Select(l => l.Setup.Source)] };
        Replaced?.Invoke(index, plan);
        if (isOtherPack)
        {
            PackChanged?.Invoke();
        }
    }

    /// <summary>What every stream is now.</summary>
    public IReadOnlyList<StreamSetup> Plans() => [.. _live.Select(l => l.Setup)];

    /// <summary>Names of the classes of a stream, or of all with an empty name; null where there is no such stream. Any thread.</summary>
    public IReadOnlyCollection<string>? LabelsOf(string stream)
    {
        var plans = Plans().Where(p => stream.Length == 0 || p.Source.Name == stream).ToList();
        return plans.Count == 0 ? null : plans.SelectMany(p => p.Parts.Names.Labels).ToHashSet(StringComparer.Ordinal);
    }

    public IReadOnlyList<EndTally> Tallies() => [.. _streams.Select(s => s.Tally)];

    /// <summary>Room for any stream's answer.</summary>
    public Answer MakeAnswerRoom() => MakeAnswerRoom(Plans());

    /// <summary>Room for any stream's answer once they are what plans say.</summary>
    public static Answer MakeAnswerRoom(IReadOnlyList<StreamSetup> plans)
    {
        var rooms = plans.Select(p => StageAnswers.Make(p.Pack.Stages, p.Pack.Tree, p.Pack.Crops)).ToList();
        return new Answer(rooms[0].Task, rooms.Max(r => r.DetectionSlots.Length), rooms.Max(r => r.ValueSlots.Length),
            rooms.Select(r => r.Details.Room).Aggregate((a, b) => a.Or(b)),
            rooms.Select(r => r.Crops.Room).Aggregate((a, b) => a.Or(b)));
    }

    public void Dispose()
    {
        Array.ForEach(_streams, s => s.Dispose());
        foreach (var pack in _packs.Values)
        {
            pack.Dispose();
        }

        Remotes.Dispose();
    }

    private LiveStream LiveOf(int streamIndex) => Find(streamIndex)
        ?? throw new BrokenInvariantException($"There is no stream {streamIndex}; it was removed.");

    private static long AnsweredOf(EndTally ends) => ends.Completed + ends.Exited + ends.Escalated + ends.Skipped;

    private void Take(LiveStream[] live)
    {
        _live = live;
        _streams = [.. live.Select(l => l.Stream)];
    }
}

/// <summary>A stream with all that belongs to it.</summary>
/// <param name="Setup">What it is now.</param>
/// <param name="Tally">What its frames came to.</param>
/// <param name="Capture">Its source's thread; null where something else gives frames.</param>
internal sealed record LiveStream(FrameStream Stream, StreamSetup Setup, RunTally Tally, CaptureThread? Capture);
