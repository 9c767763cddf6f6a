using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Rules;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Gpio;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Loop;

/// <summary>A rule and what follows from it.</summary>
/// <param name="Event">Told when it turns on, beside its name; null for the name alone.</param>
/// <param name="LockNodeIndex">What frames are locked to while it is on; -1 for nothing.</param>
public sealed record StreamRule(Rule Rule, string? Event, int LockNodeIndex)
{
    /// <summary>What it does to a GPIO line; null for nothing.</summary>
    public LineAction? Line { get; init; }

    /// <summary>What it tells an output; null for nothing.</summary>
    public OutputAction? Output { get; init; }

    internal string OnText { get; } = $"rule '{Rule.Name}' is on{(Event is null ? "" : $": {Event}")}";

    internal string OffText { get; } = $"rule '{Rule.Name}' is off";
}

/// <summary>A rule has turned, and an output is to be told.</summary>
/// <param name="IsOn">False: off, or nobody asks it any more.</param>
/// <param name="Text">The rule's event; null where it has none.</param>
/// <param name="Sequence">Of the frame that turned it.</param>
public readonly record struct RuleTurn(string Source, string Rule, bool IsOn, string? Text, long Sequence, OutputActionConfig Action);

/// <summary>What a rule tells an output when it turns.</summary>
/// <param name="Tell">On the loop's thread; does not wait.</param>
public sealed record OutputAction(string Source, OutputActionConfig Config, Action<RuleTurn> Tell)
{
    private long _sequence;
    private bool _isOn;

    internal void Follow(StreamRule rule, long sequence)
    {
        (_sequence, _isOn) = (sequence, rule.Rule.IsOn);
        if (_isOn || !Config.IsSilentOff)
        {
            Tell(new RuleTurn(Source, rule.Rule.Name, _isOn, rule.Event, _sequence, Config));
        }
    }

    /// <summary>What it switched on does not stay on for ever.</summary>
    internal void LetGo(StreamRule rule)
    {
        if (_isOn && !Config.IsSilentOff)
        {
            Tell(new RuleTurn(Source, rule.Rule.Name, false, rule.Event, _sequence, Config));
        }

        _isOn = false;
    }
}

/// <summary>What a rule does to a GPIO line.</summary>
/// <param name="PulseMs">How long it is active when the rule turns on; 0: as long as the rule is on.</param>
public sealed record LineAction(OutputLine Output, int PulseMs)
{
    /// <param name="publishedNs">When the answer was published that turned the rule.</param>
    internal void Follow(bool isOn, long publishedNs)
    {
        if (PulseMs > 0 && isOn)
        {
            Output.Pulse(PulseMs, publishedNs);
        }
        else if (PulseMs == 0 && isOn)
        {
            Output.Hold(publishedNs);
        }
        else if (PulseMs == 0)
        {
            Output.LetGo(publishedNs);
        }
    }
}

/// <summary>
/// The rules of a source, asked after each of its frames. What they lock holds from the next frame on; of several the first that is on
/// decides, and a lock that somebody set decides before all of them.
/// </summary>
public sealed class StreamRules
{
    private readonly StreamRule[] _rules;
    private readonly RuleScene _scene = new() { Answer = new Answer(TaskKind.Detection, 0, 0) };

    /// <param name="readsSignals">A condition goes by the frame's signals.</param>
    public StreamRules(IReadOnlyList<StreamRule> rules, bool readsSignals) => (_rules, ReadsSignals) = ([.. rules], readsSignals);

    public IReadOnlyList<StreamRule> Rules => _rules;

    public bool ReadsSignals { get; }

    /// <summary>What the rules that are on lock frames to; -1 for nothing.</summary>
    public int LockNodeIndex { get; private set; } = -1;

    /// <summary>Takes in a frame that has ended, with what is published of it.</summary>
    public void Observe(in TraceRecord record, Answer published, Action<EventKind, string>? onEvent)
    {
        (_scene.Answer, _scene.SourceNs, _scene.NodeIndex) = (published, record.Stamp.SourceNs, published.NodeIndex);
        (_scene.Signals, _scene.End) = (record.Signals, record.End);
        LockNodeIndex = -1;
        foreach (var rule in _rules)
        {
            if (rule.Rule.Observe(_scene))
            {
                rule.Line?.Follow(rule.Rule.IsOn, record.PublishedNs);
                rule.Output?.Follow(rule, record.Stamp.Sequence);
                onEvent?.Invoke(EventKind.Rule, rule.Rule.IsOn ? rule.OnText : rule.OffText);
            }

            LockNodeIndex = LockNodeIndex < 0 && rule.Rule.IsOn ? rule.LockNodeIndex : LockNodeIndex;
        }
    }

    /// <summary>They are asked no more: lines that they hold active are let go of, and outputs are told so, once.</summary>
    public void LetGo()
    {
        foreach (var rule in _rules)
        {
            if (rule.Rule.IsOn && rule.Line is { PulseMs: 0 } line)
            {
                line.Output.LetGo(0);
            }

            rule.Output?.LetGo(rule);
        }
    }
}
