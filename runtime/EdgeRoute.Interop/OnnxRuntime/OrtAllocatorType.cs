namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>OrtAllocatorType of the C API, header version 29; only the two we use.</summary>
internal enum OrtAllocatorType
{
    Device = 0,
    Arena = 1,
}
