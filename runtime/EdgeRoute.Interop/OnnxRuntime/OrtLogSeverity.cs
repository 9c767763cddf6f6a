namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>OrtLoggingLevel of the C API, header version 29.</summary>
public enum OrtLogSeverity
{
    Verbose,
    Info,
    Warning,
    Error,
    Fatal,
}
