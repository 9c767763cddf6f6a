namespace EdgeRoute.Documents;

/// <summary>What must change before the engine can start.</summary>
public enum RefusalCause
{
    /// <summary>The device config, or a pack it names.</summary>
    Config,

    /// <summary>Something on this machine: a library, a provider, a file that cannot be written.</summary>
    Machine,
}

/// <summary>
/// The config is well-formed, but an engine cannot be built from it. Consequence: nothing starts; the message says what to change.
/// </summary>
public sealed class EngineRefusedException(RefusalCause cause, string message, Exception? inner = null) : Exception(message, inner)
{
    public RefusalCause Cause { get; } = cause;
}
