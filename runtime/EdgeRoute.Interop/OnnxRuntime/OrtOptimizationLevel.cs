namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>GraphOptimizationLevel of the C API, header version 29.</summary>
public enum OrtOptimizationLevel
{
    None = 0,
    Basic = 1,
    Extended = 2,
    Layout = 3,
    All = 99,
}
