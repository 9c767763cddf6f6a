using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Signals;

namespace EdgeRoute.Core.Rules;

/// <summary>
/// Something that holds for a frame, or does not, or of which the frame tells nothing: one that failed shows neither that somebody is there
/// nor that nobody is. Conditions may remember earlier frames; each is asked once a frame, in order.
/// </summary>
public abstract class RuleCondition
{
    /// <returns>Null where the frame does not tell.</returns>
    public abstract bool? Holds(RuleScene scene);
}

/// <summary>All of several. Each is asked, whatever those before said: what they remember must not depend on the others.</summary>
public sealed class AllOf(IReadOnlyList<RuleCondition> parts) : RuleCondition
{
    private readonly RuleCondition[] _parts = [.. parts];

    public override bool? Holds(RuleScene scene)
    {
        bool? holds = true;
        foreach (var part in _parts)
        {
            // Over null as Kleene's logic has it: what cannot be true any more is false.
            holds &= part.Holds(scene);
        }

        return holds;
    }
}

/// <summary>At least one of several; each is asked.</summary>
public sealed class AnyOf(IReadOnlyList<RuleCondition> parts) : RuleCondition
{
    private readonly RuleCondition[] _parts = [.. parts];

    public override bool? Holds(RuleScene scene)
    {
        bool? holds = false;
        foreach (var part in _parts)
        {
            holds |= part.Holds(scene);
        }

        return holds;
    }
}

public sealed class NotThat(RuleCondition part) : RuleCondition
{
    public override bool? Holds(RuleScene scene) => !part.Holds(scene);
}

/// <summary>The frame's answer came from one of these nodes of the route tree.</summary>
public sealed class PathTaken(IReadOnlyList<int> nodeIndices) : RuleCondition
{
    private readonly int[] _nodes = [.. nodeIndices];

    public override bool? Holds(RuleScene scene) => scene.HasAnswer ? Array.IndexOf(_nodes, scene.NodeIndex) >= 0 : null;
}

/// <summary>The frame ended in this way.</summary>
public sealed class EndedAs(FrameEnd end) : RuleCondition
{
    public override bool? Holds(RuleScene scene) => scene.End == end;
}

/// <summary>A signal of the frame lies in a range; one that is not a number lies in none.</summary>
public sealed class SignalWithin(Func<FrameSignals, float> signal, float least, float most) : RuleCondition
{
    public override bool? Holds(RuleScene scene) => signal(scene.Signals) is var value && value >= least && value <= most;
}
