using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Engine.Stages;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// What an engine holds: its config, packs and streams as they are now. Changed between frames only, on the loop's thread; packs may be
/// looked up from any thread.
/// </summary>
public sealed class EngineState(DeviceConfig config) : IDisposable
{
    private readonly List<RunTally> _tallies = [];

    /// <summary>Replaced as a whole, because other threads read it.</summary>
    private volatile Dictionary<string, LoadedPack> _packs = new(StringComparer.Ordinal);

    /// <summary>As read, with every change since.</summary>
    public DeviceConfig Config { get; private set; } = config;

    /// <summary>A stream has become what a plan says; on the loop's thread, between frames.</summary>
    public event Action<int, StreamSetup>? Replaced;

    /// <summary>A stream has another pack, whose answers may take more room; on the loop's thread, between frames.</summary>
    public event Action? PackChanged;

    public List<FrameStream> Streams { get; } = [];

    /// <summary>Names and packs, those included that no stream uses.</summary>
    public IReadOnlyDictionary<string, LoadedPack> Packs => _packs;

    /// <summary>What each stream's frames came to, for the run's report.</summary>
    internal List<RunTally> RunTallies => _tallies;

    public LoadedPack PackNamed(string name) => _packs[name];

    public LoadedPack PackOf(int streamIndex) => _packs[Config.Sources[streamIndex].PackName];

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

    public FrameStream Add(SourceConfig source, FrameStreamParts parts)
    {
        var stream = new FrameStream(Streams.Count, parts);
        Streams.Add(stream);
        _tallies.Add(new RunTally(source.Name, parts.Router.Tree));
        return stream;
    }

    /// <summary>A stream becomes what a plan says.</summary>
    public void Replace(int index, StreamSetup plan)
    {
        bool isOtherPack = !ReferenceEquals(plan.Pack, PackOf(index));
        if (isOtherPack)
        {
            _tallies[index] = new RunTally(plan.Source.Name, plan.Pack.Tree, _tallies[index]);
        }

        Streams[index].Replace(plan.Parts);
        Config = Config with { Sources = [.. Config.Sources.Select((s, i) => i == index ? plan.Source : s)] };
        Replaced?.Invoke(index, plan);
        if (isOtherPack)
        {
            PackChanged?.Invoke();
        }
    }

    /// <summary>What every stream is now.</summary>
    public IReadOnlyList<StreamSetup> Plans() =>
        [.. Streams.Select(s => new StreamSetup(Config.Sources[s.Index], PackOf(s.Index), s.Parts))];

    /// <summary>Names of the classes of a stream, or of all with an empty name; null where there is no such stream. Any thread.</summary>
    public IReadOnlyCollection<string>? LabelsOf(string stream)
    {
        var plans = Plans().Where(p => stream.Length == 0 || p.Source.Name == stream).ToList();
        return plans.Count == 0 ? null : plans.SelectMany(p => p.Parts.Names.Labels).ToHashSet(StringComparer.Ordinal);
    }

    public IReadOnlyList<EndTally> Tallies() => Streams.ConvertAll(s => s.Tally);

    /// <summary>Room for any stream's answer.</summary>
    public Answer MakeAnswerRoom() => MakeAnswerRoom(Plans());

    /// <summary>Room for any stream's answer once they are what plans say.</summary>
    public static Answer MakeAnswerRoom(IReadOnlyList<StreamSetup> plans)
    {
        var rooms = plans.Select(p => StageAnswers.Make(p.Pack.Stages, p.Pack.Tree)).ToList();
        return new Answer(rooms[0].Task, rooms.Max(r => r.DetectionSlots.Length), rooms.Max(r => r.ValueSlots.Length),
            rooms.Select(r => r.Details.Room).Aggregate((a, b) => a.Or(b)));
    }

    public void Dispose()
    {
        Streams.ForEach(s => s.Dispose());
        foreach (var pack in _packs.Values)
        {
            pack.Dispose();
        }
    }
}
