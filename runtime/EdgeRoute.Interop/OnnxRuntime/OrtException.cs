using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A call into ONNX Runtime failed; the message is the library's own.</summary>
public sealed class OrtException(OrtErrorCode code, string message) : Exception(message)
{
    private const string CodeStart = "[ErrorCode:";
    private const string CodeEnd = "] ";

    public OrtErrorCode Code { get; } = code;

    /// <summary>
    /// Whether the managed API threw this for an error of the library. It knows the codes up to 10; from 13 on it loses code and words.
    /// </summary>
    internal static bool IsFrom(Exception fault) => fault is OnnxRuntimeException or KeyNotFoundException;

    /// <summary>The same error with its code taken out of the text.</summary>
    internal static OrtException From(Exception fault)
    {
        string text = fault.Message;
        int end = text.IndexOf(CodeEnd, StringComparison.Ordinal);
        if (fault is not OnnxRuntimeException || !text.StartsWith(CodeStart, StringComparison.Ordinal) || end < 0)
        {
            return new OrtException(OrtErrorCode.Fail, "the library failed with an error that its managed API cannot name; the log of the "
                + "library tells more");
        }
        string name = text[CodeStart.Length..end];
        return new OrtException(CodeOf(name), text[(end + CodeEnd.Length)..].Trim());
    }

    /// <summary>Codes 11 and 12 have names of their own in the managed API.</summary>
    private static OrtErrorCode CodeOf(string name) => name switch
    {
        "ShapeInferenceNotRegistered" => OrtErrorCode.ProviderFail,
        "RequirementNotRegistered" => OrtErrorCode.ModelLoadCanceled,
        _ => Enum.TryParse(name, out OrtErrorCode code) ? code : OrtErrorCode.Fail,
    };
}

/// <summary>OrtErrorCode of the C API, header version 31.</summary>
public enum OrtErrorCode
{
    Ok,
    Fail,
    InvalidArgument,
    NoSuchFile,
    NoModel,
    EngineError,
    RuntimeException,
    InvalidProtobuf,
    ModelLoaded,
    NotImplemented,
    InvalidGraph,
    ProviderFail,
    ModelLoadCanceled,
    ModelRequiresCompilation,
    NotFound,
    DeviceReset,
}
