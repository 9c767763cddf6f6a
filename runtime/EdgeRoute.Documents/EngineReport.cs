namespace EdgeRoute.Documents;

/// <summary>How much attention a line deserves.</summary>
public enum ReportLevel
{
    Detail,
    Notice,
    Warning,
}

/// <summary>Takes what the engine has to say while it starts, runs and stops; any thread.</summary>
public delegate void EngineReporter(ReportLevel level, string text);
