namespace EdgeRoute.Engine.Stages;

/// <summary>A stage did not answer on this frame. Consequence: this frame takes another option, or fails; the loop goes on.</summary>
public sealed class StageFailedException(string stage, string detail, Exception? inner = null)
    : Exception($"stage '{stage}' failed: {detail}", inner)
{
    public string Stage { get; } = stage;

    public string Detail { get; } = detail;
}
