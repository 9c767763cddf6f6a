namespace EdgeRoute.Documents.Configs;

/// <summary>What happens when frames come faster than they are taken.</summary>
public enum DeliveryMode
{
    /// <summary>One frame waits; a newer one takes its place and the older is counted as dropped.</summary>
    NewestWins,

    /// <summary>The source waits for a free slot; no frame is lost. Only for sources that can wait.</summary>
    EveryFrame,
}
