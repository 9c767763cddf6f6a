namespace EdgeRoute.Engine.Capture;

/// <summary>What a <see cref="GstreamerSource"/> runs.</summary>
/// <param name="Description">The source for people, without passwords.</param>
/// <param name="IsLive">An end of the stream is a fault.</param>
/// <param name="Texts">Pipeline texts to try in order: the first that GStreamer can build is used, and if none can the first one's error is told.</param>
public sealed record PipelinePlan(string Description, bool IsLive, IReadOnlyList<string> Texts)
{
    /// <summary>A file or device that must be there, checked before each opening for a clear message; null for none.</summary>
    public string? NeededPath { get; init; }

    /// <summary>Start again at the end (not live sources).</summary>
    public bool Loops { get; init; }
}
