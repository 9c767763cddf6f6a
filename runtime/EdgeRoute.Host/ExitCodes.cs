namespace EdgeRoute.Host;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>Everything asked for was done, or found.</summary>
    public const int Done = 0;

    /// <summary>Something needed is missing or broken on this machine.</summary>
    public const int Missing = 1;

    /// <summary>The config or the command line is wrong; nothing was started.</summary>
    public const int WrongConfig = 2;

    /// <summary>A second SIGINT, as a shell reports it.</summary>
    public const int Interrupted = 130;

    /// <summary>A second SIGTERM, as a shell reports it.</summary>
    public const int Terminated = 143;
}
