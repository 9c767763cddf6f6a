using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Host;

/// <summary>The entry point of ONNX Runtime as this program exports it, so that libraries older than the managed API serve too.</summary>
internal static class OnnxRuntimeEntry
{
    [UnmanagedCallersOnly(EntryPoint = "OrtGetApiBase", CallConvs = [typeof(CallConvCdecl)])]
    private static nint GetApiBase() => OrtBridge.ApiBase;
}
