namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>What came of asking for an execution provider.</summary>
public enum OrtProviderState
{
    /// <summary>The session runs with it.</summary>
    Used,

    /// <summary>It is there but did not work: options it does not accept, a missing vendor library, no device.</summary>
    Refused,

    /// <summary>The library was not compiled with it, or its provider library is not beside the library.</summary>
    Absent,
}
