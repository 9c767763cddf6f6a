namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A call into ONNX Runtime failed; the message is the library's own.</summary>
public sealed class OrtException(OrtErrorCode code, string message) : Exception(message)
{
    public OrtErrorCode Code { get; } = code;
}
