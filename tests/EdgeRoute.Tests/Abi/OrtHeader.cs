using System.Reflection;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Abi;

/// <summary>
/// Positions and values that cross into the C API of ONNX Runtime, as onnxruntime_c_api.h of version 29 (release 1.29.0) has them.
/// </summary>
internal static class OrtHeader
{
    /// <summary>Name and position in struct OrtApi of every function we call.</summary>
    public static readonly IReadOnlyDictionary<string, int> Slots = new Dictionary<string, int>
    {
        ["GetErrorCode"] = 1,
        ["GetErrorMessage"] = 2,
        ["CreateSession"] = 7,
        ["Run"] = 9,
        ["CreateSessionOptions"] = 10,
        ["SetSessionGraphOptimizationLevel"] = 23,
        ["SessionGetInputCount"] = 30,
        ["SessionGetOutputCount"] = 31,
        ["SessionGetInputTypeInfo"] = 33,
        ["SessionGetOutputTypeInfo"] = 34,
        ["SessionGetInputName"] = 36,
        ["SessionGetOutputName"] = 37,
        ["CreateRunOptions"] = 39,
        ["RunOptionsSetTerminate"] = 46,
        ["RunOptionsUnsetTerminate"] = 47,
        ["CreateTensorWithDataAsOrtValue"] = 49,
        ["GetTensorMutableData"] = 51,
        ["CastTypeInfoToTensorInfo"] = 55,
        ["GetTensorElementType"] = 60,
        ["GetDimensionsCount"] = 61,
        ["GetDimensions"] = 62,
        ["GetSymbolicDimensions"] = 63,
        ["GetTensorTypeAndShape"] = 65,
        ["CreateMemoryInfo"] = 68,
        ["MemoryInfoGetName"] = 71,
        ["AllocatorFree"] = 76,
        ["GetAllocatorWithDefaultOptions"] = 78,
        ["ReleaseEnv"] = 92,
        ["ReleaseStatus"] = 93,
        ["ReleaseMemoryInfo"] = 94,
        ["ReleaseSession"] = 95,
        ["ReleaseValue"] = 96,
        ["ReleaseRunOptions"] = 97,
        ["ReleaseTypeInfo"] = 98,
        ["ReleaseTensorTypeAndShapeInfo"] = 99,
        ["ReleaseSessionOptions"] = 100,
        ["SessionGetModelMetadata"] = 111,
        ["ModelMetadataGetProducerName"] = 112,
        ["ModelMetadataGetGraphName"] = 113,
        ["ModelMetadataGetDomain"] = 114,
        ["ModelMetadataGetDescription"] = 115,
        ["ModelMetadataLookupCustomMetadataMap"] = 116,
        ["ModelMetadataGetVersion"] = 117,
        ["ReleaseModelMetadata"] = 118,
        ["DisablePerSessionThreads"] = 120,
        ["CreateThreadingOptions"] = 121,
        ["ReleaseThreadingOptions"] = 122,
        ["ModelMetadataGetCustomMetadataMapKeys"] = 123,
        ["GetAvailableProviders"] = 125,
        ["ReleaseAvailableProviders"] = 126,
        ["AddSessionConfigEntry"] = 130,
        ["CreateAndRegisterAllocator"] = 144,
        ["SetGlobalIntraOpNumThreads"] = 147,
        ["SetGlobalInterOpNumThreads"] = 148,
        ["SetGlobalSpinControl"] = 149,
        ["CreateEnvWithCustomLoggerAndGlobalThreadPools"] = 151,
        ["CreateArenaCfg"] = 156,
        ["ReleaseArenaCfg"] = 157,
        ["SessionOptionsAppendExecutionProvider_TensorRT_V2"] = 170,
        ["CreateTensorRTProviderOptions"] = 171,
        ["UpdateTensorRTProviderOptions"] = 172,
        ["GetTensorRTProviderOptionsAsString"] = 173,
        ["ReleaseTensorRTProviderOptions"] = 174,
        ["GetTensorMemoryInfo"] = 194,
        ["SessionOptionsAppendExecutionProvider_CUDA_V2"] = 204,
        ["CreateCUDAProviderOptions"] = 205,
        ["UpdateCUDAProviderOptions"] = 206,
        ["GetCUDAProviderOptionsAsString"] = 207,
        ["ReleaseCUDAProviderOptions"] = 208,
        ["SessionOptionsAppendExecutionProvider"] = 216,
        ["MemoryInfoGetDeviceType"] = 225,
        ["GetBuildInfoString"] = 254,
        ["Session_GetEpGraphAssignmentInfo"] = 407,
        ["EpAssignedSubgraph_GetEpName"] = 408,
        ["EpAssignedSubgraph_GetNodes"] = 409,
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

    /// <summary>The constants of <see cref="OrtSlots"/>.</summary>
    public static Dictionary<string, int> DeclaredSlots => typeof(OrtSlots).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(constant => constant.Name, constant => (int)constant.GetRawConstantValue()!);
}
