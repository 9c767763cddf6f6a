using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>A source that does what a test wrote down, one entry per call of Open or Read; after the last entry it ends.</summary>
internal sealed class ScriptedSource(bool isLive, ScriptedClock? clock, params ScriptedSource.Act[] script) : IFrameSource
{
    private int _next;

    /// <summary>One entry: what Open or Read answers, and how long it takes on the scripted clock.</summary>
    public sealed record Act(string Name, long TakesMs = 0, int Width = 8, int Height = 6, SourceFaultKind Kind = SourceFaultKind.None)
    {
        public static Act Opens { get; } = new("open");

        public static Act Refuses { get; } = new("refuse");

        public static Act Frame { get; } = new("frame", 33);

        public static Act Silence { get; } = new("nothing", 100);

        public static Act Ends { get; } = new("end");

        public static Act Throws { get; } = new("throw");

        public static Act BadPicture { get; } = new("bad picture");

        public static Act Breaks { get; } = new("fault", 0, Kind: SourceFaultKind.StreamError);

        public static Act[] Many(Act act, int count) => [.. Enumerable.Repeat(act, count)];
    }

    public string Description => "scripted";

    public bool IsLive => isLive;

    public bool Repeats { get; init; }

    public SourceFault Fault { get; private set; } = SourceFault.None;

    public int CloseCount { get; private set; }

    public bool ThrowsOnClose { get; set; }

    public bool IsOpen { get; private set; }

    public bool Open()
    {
        var act = Take();
        IsOpen = act.Name == "open";
        Fault = IsOpen ? SourceFault.None : new SourceFault(SourceFaultKind.OpenFailed, "refused by script");
        return IsOpen;
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        Assert.True(IsOpen, "read while closed");
        sourceNs = -1;
        var act = Take();
        switch (act.Name)
        {
            case "frame":
                slot.Prepare(FrameLayout.Packed(PixelFormat.Gray8, act.Width, act.Height)).Fill((byte)_next);
                return ReadOutcome.Frame;
            case "nothing":
                return ReadOutcome.Nothing;
            case "bad picture":
                Fault = new SourceFault(SourceFaultKind.UnreadablePicture, $"picture {_next}");
                return ReadOutcome.Nothing;
            case "throw":
                throw new InvalidOperationException("thrown by script");
            case "fault":
                Fault = new SourceFault(act.Kind, "broken by script");
                return ReadOutcome.Fault;
            case "end":
                return ReadOutcome.End;
            default:
                throw new Xunit.Sdk.XunitException($"the script says '{act.Name}' where a read came");
        }
    }

    public void Close()
    {
        CloseCount++;
        IsOpen = false;
        if (ThrowsOnClose)
        {
            throw new InvalidOperationException("thrown by script on closing");
        }
    }

    public void Dispose() => Close();

    private Act Take()
    {
        var act = _next < script.Length ? script[_next] : Act.Ends;
        _next++;
        clock?.AdvanceMs(act.TakesMs);
        return act;
    }
}
