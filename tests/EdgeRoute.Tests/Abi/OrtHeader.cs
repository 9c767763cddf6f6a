using System.Reflection;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Abi;

/// <summary>
/// Positions and values that cross into the C API of ONNX Runtime, as onnxruntime_c_api.h of version 31 (release 1.31.0) has them.
/// </summary>
internal static class OrtHeader
{
    /// <summary>Name and position in struct OrtApi of every function we call through the table.</summary>
    public static readonly IReadOnlyDictionary<string, int> Slots = new Dictionary<string, int>
    {
        ["CreateStatus"] = 0,
        ["GetErrorCode"] = 1,
        ["GetErrorMessage"] = 2,
        ["GetTensorMutableData"] = 51,
        ["GetDimensionsCount"] = 61,
        ["GetDimensions"] = 62,
        ["GetTensorTypeAndShape"] = 65,
        ["AllocatorFree"] = 76,
        ["GetAllocatorWithDefaultOptions"] = 78,
        ["ReleaseStatus"] = 93,
        ["ReleaseValue"] = 96,
        ["ReleaseTensorTypeAndShapeInfo"] = 99,
        ["GetAvailableProviders"] = 125,
        ["ReleaseAvailableProviders"] = 126,
        ["RunWithBinding"] = 133,
        ["BindInput"] = 136,
        ["BindOutput"] = 137,
        ["BindOutputToDevice"] = 138,
        ["GetBoundOutputValues"] = 140,
        ["GetBuildInfoString"] = 254,
        ["GetCompileApi"] = 294,
        ["Session_GetEpGraphAssignmentInfo"] = 407,
        ["EpAssignedSubgraph_GetEpName"] = 408,
        ["EpAssignedSubgraph_GetNodes"] = 409,
    };

    /// <summary>Version of the C API and the last function that its struct OrtApi has for sure.</summary>
    public static readonly IReadOnlyDictionary<int, string> LastFunctions = new Dictionary<int, string>
    {
        [17] = "SessionOptionsAppendExecutionProvider_OpenVINO_V2",
        [18] = "AddExternalInitializersFromFilesInMemory",
        [20] = "SetEpDynamicOptions",
        [22] = "GetEpApi",
        [23] = "CreateExternalInitializerInfo",
        [24] = "ReleaseDeviceEpIncompatibilityDetails",
        [25] = "SetPerSessionThreadPoolCallbacks",
        [27] = "SessionReleaseCapturedGraph",
        [28] = "KernelContext_GetSyncStream",
        [29] = "SessionOptionsSetWeightlessSourceModelBuffer",
        [30] = "KernelContext_GetPreallocatedOutput",
        [31] = "GetModelPackageApi",
    };

    /// <summary>Version of the C API and the last function of its struct OrtCompileApi.</summary>
    public static readonly IReadOnlyDictionary<int, string> LastCompileFunctions = new Dictionary<int, string>
    {
        [22] = "CompileModel",
        [23] = "ModelCompilationOptions_SetOutputModelGetInitializerLocationFunc",
        [24] = "ModelCompilationOptions_SetInputModel",
        [29] = "ModelCompilationOptions_SetWeightlessEnabled",
        [31] = "ModelCompilationOptions_SetOutputModelExternalInitializersAlignment",
    };

    /// <summary>C name and value of every enumerator whose C# twin we declare, by the C# type.</summary>
    public static readonly IReadOnlyDictionary<Type, (string CName, int Value)[]> Enumerators = new Dictionary<Type, (string, int)[]>
    {
        [typeof(OrtErrorCode)] =
        [
            ("ORT_OK", 0), ("ORT_FAIL", 1), ("ORT_INVALID_ARGUMENT", 2), ("ORT_NO_SUCHFILE", 3), ("ORT_NO_MODEL", 4),
            ("ORT_ENGINE_ERROR", 5),
            ("ORT_RUNTIME_EXCEPTION", 6), ("ORT_INVALID_PROTOBUF", 7), ("ORT_MODEL_LOADED", 8), ("ORT_NOT_IMPLEMENTED", 9),
            ("ORT_INVALID_GRAPH", 10),
            ("ORT_EP_FAIL", 11), ("ORT_MODEL_LOAD_CANCELED", 12), ("ORT_MODEL_REQUIRES_COMPILATION", 13), ("ORT_NOT_FOUND", 14),
            ("ORT_DEVICE_RESET", 15),
        ],
        [typeof(OrtElementType)] =
        [
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED", 0), ("ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT", 1),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8", 2),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8", 3), ("ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16", 4),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16", 5),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32", 6), ("ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64", 7),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING", 8),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL", 9), ("ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16", 10),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE", 11),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32", 12), ("ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64", 13),
            ("ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16", 16),
        ],
        [typeof(OrtLogSeverity)] =
        [
            ("ORT_LOGGING_LEVEL_VERBOSE", 0), ("ORT_LOGGING_LEVEL_INFO", 1), ("ORT_LOGGING_LEVEL_WARNING", 2),
            ("ORT_LOGGING_LEVEL_ERROR", 3),
            ("ORT_LOGGING_LEVEL_FATAL", 4),
        ],
        [typeof(OrtOptimizationLevel)] =
        [
            ("ORT_DISABLE_ALL", 0), ("ORT_ENABLE_BASIC", 1), ("ORT_ENABLE_EXTENDED", 2), ("ORT_ENABLE_LAYOUT", 3), ("ORT_ENABLE_ALL", 99),
        ],
    };

    /// <summary>The positions of <see cref="OrtTable"/>.</summary>
    public static Dictionary<string, int> DeclaredSlots => typeof(OrtTable).GetFields(BindingFlags.NonPublic | BindingFlags.Static)
        .Where(constant => constant.IsLiteral).ToDictionary(constant => constant.Name, constant => (int)constant.GetRawConstantValue()!);
}
