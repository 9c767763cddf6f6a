using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>What a key asks of the device, or of the program.</summary>
internal abstract record TopAction
{
    internal sealed record Quit : TopAction;

    internal sealed record Change(ChangeRequest Request) : TopAction;

    internal sealed record FetchCurve(string Stream) : TopAction;

    internal sealed record Snapshot(string Stream) : TopAction;

    internal sealed record StartRecording : TopAction;

    internal sealed record StopRecording(string Name) : TopAction;

    internal sealed record EndTrial(bool IsKept) : TopAction;
}
