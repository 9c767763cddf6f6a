using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.TestBench.Simulated;

/// <summary>What a stage does wrong.</summary>
internal enum StageFault
{
    None,
    Fails,
    FailsNowAndThen,
    ThrowsAnything,
    IsSlow,
    HangsOnce,
    HangsForGood,
    YieldsNonsense,
}

/// <summary>Stages by script: they take time, are more or less sure, and at times fail.</summary>
internal sealed class SimulatedStages
{
    /// <summary>By then the watch over the engine has ended a run that hangs, or has given the loop up.</summary>
    private const long HangMostNs = 20_000_000_000;

    private const long HangStepNs = 50_000_000;

    private readonly VirtualTime _time;
    private readonly ScriptedStageSet _set;
    private readonly Random _random;
    private readonly Stage[] _stages;

    public SimulatedStages(RouteTree tree, VirtualTime time, Random random)
    {
        (_time, _random) = (time, random);
        _stages = [.. tree.Graph.Stages.Select((s, i) => new Stage(s.Name, 1_000_000L << i))];
        _set = new ScriptedStageSet(tree, _stages.ToDictionary(s => s.Name, s => new ScriptedStage(_ => Confidence(s), _ => 0, _ => Run(s)),
            StringComparer.Ordinal));
    }

    public IStageSet Set => _set;

    /// <summary>The process that the stages run in comes to its end.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>A hang that nobody ended; null while there was none.</summary>
    public string? Broken { get; private set; }

    public IReadOnlyList<string> Names => [.. _stages.Select(s => s.Name)];

    /// <summary>Since when no stage has done anything wrong; far in the future while one does.</summary>
    public long HealthySinceNs => _stages.Max(s => s.Fault == StageFault.None ? s.HealthySinceNs : long.MaxValue / 2);

    public void Misbehave(int index, StageFault fault, TimeSpan duration)
    {
        var stage = _stages[index];
        (stage.Fault, stage.UntilNs) = (fault, _time.NowNs + (duration.Ticks * 100));
        _time.In(duration.Ticks * 100, () => Recover(stage));
    }

    private void Recover(Stage stage)
    {
        if (_time.NowNs >= stage.UntilNs)
        {
            (stage.Fault, stage.HealthySinceNs) = (StageFault.None, _time.NowNs);
        }
    }

    private bool Run(Stage stage)
    {
        bool hangs = (stage.Fault is StageFault.HangsOnce or StageFault.HangsForGood) && stage.HangUntilNs != stage.UntilNs;
        stage.HangUntilNs = stage.UntilNs;
        if (hangs)
        {
            Hang(stage);
        }

        long factor = stage.Fault == StageFault.IsSlow ? 40 : 1;
        _time.Spend((long)(stage.CostNs * factor * (0.8 + (0.4 * _random.NextDouble()))));
        if (stage.Fault == StageFault.ThrowsAnything)
        {
            throw _random.Next(3) switch
            {
                0 => new InvalidOperationException("thrown by a stage"),
                1 => new IndexOutOfRangeException("thrown by a stage"),
                _ => new DllNotFoundException("thrown by a stage"),
            };
        }

        return hangs || stage.Fault == StageFault.Fails || (stage.Fault == StageFault.FailsNowAndThen && _random.Next(3) == 0);
    }

    private void Hang(Stage stage)
    {
        int endedCount = _set.TerminationCount;
        bool canBeEnded = stage.Fault == StageFault.HangsOnce;
        long until = _time.NowNs + HangMostNs;
        while (!IsGivenUp && !(canBeEnded && _set.TerminationCount > endedCount))
        {
            _time.Spend(HangStepNs);
            if (_time.NowNs > until)
            {
                Broken ??= $"stage '{stage.Name}' hung for {HangMostNs / 1e9:0} s, and its run was not "
                    + (canBeEnded ? "ended" : "given up");
                return;
            }
        }
    }

    private float Confidence(Stage stage) =>
        stage.Fault == StageFault.YieldsNonsense ? float.NaN : (float)_random.NextDouble();

    private sealed class Stage(string name, long costNs)
    {
        public string Name { get; } = name;

        public long CostNs { get; } = costNs;

        public StageFault Fault { get; set; }

        public long UntilNs { get; set; }

        public long HangUntilNs { get; set; }

        public long HealthySinceNs { get; set; }
    }
}
