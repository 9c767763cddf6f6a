namespace EdgeRoute.Core.Rules;

/// <summary>How long a rule takes to believe its condition, and to let go.</summary>
/// <param name="ForNs">The condition must hold for so long before the rule is on.</param>
/// <param name="HoldNs">The rule stays on for so long after the condition was last seen to hold.</param>
public readonly record struct RuleTiming(long ForNs, long HoldNs);

/// <summary>
/// A condition with a memory: off, and on from when the condition has held long enough until it has not held for long enough. By the
/// source's time, so that a replay comes to the same.
/// </summary>
public sealed class Rule
{
    private readonly RuleCondition _condition;
    private readonly RuleTiming _timing;
    private long _heldSinceNs = long.MaxValue, _heldLastNs = long.MinValue;

    /// <exception cref="ArgumentException">A time is negative.</exception>
    public Rule(string name, RuleCondition condition, RuleTiming timing)
    {
        if (timing.ForNs < 0 || timing.HoldNs < 0)
        {
            throw new ArgumentException($"Rule '{name}' waits for {timing.ForNs} ns and holds for {timing.HoldNs} ns; give 0 or more.",
                nameof(timing));
        }

        (Name, _condition, _timing) = (name, condition, timing);
    }

    public string Name { get; }

    public bool IsOn { get; private set; }

    /// <summary>Times it has turned on.</summary>
    public long OnCount { get; private set; }

    /// <summary>Source time of the last change.</summary>
    public long ChangedNs { get; private set; }

    /// <summary>
    /// Takes in a frame; true when the rule has turned on or off by it. A frame that does not tell leaves it as it is.
    /// </summary>
    public bool Observe(RuleScene scene)
    {
        if (_condition.Holds(scene) is not { } holds)
        {
            return false;
        }

        long now = scene.SourceNs;
        _heldSinceNs = holds ? Math.Min(_heldSinceNs, now) : long.MaxValue;
        _heldLastNs = holds ? now : _heldLastNs;
        bool wasOn = IsOn;
        IsOn = (holds && now - _heldSinceNs >= _timing.ForNs) || (wasOn && (holds || now - _heldLastNs < _timing.HoldNs));
        if (IsOn == wasOn)
        {
            return false;
        }

        (ChangedNs, OnCount) = (now, OnCount + (IsOn ? 1 : 0));
        return true;
    }
}
