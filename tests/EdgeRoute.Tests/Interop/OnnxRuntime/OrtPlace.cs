using System.Runtime.CompilerServices;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>The library and the one environment that all tests of this process share.</summary>
internal static class OrtPlace
{
    private static readonly Lazy<OrtEnvironment> _environment = new(
        () => OrtEnvironment.Create(Library, new OrtEnvironmentOptions { IntraOpThreadCount = 1 }, log: null));

    /// <summary>Before any test, since the first environment of the process gives all others its count of threads.</summary>
    [ModuleInitializer]
    internal static void OpenFirst()
    {
        if (File.Exists(TestPlaces.OnnxRuntimeLibrary))
        {
            _ = Environment;
        }
    }

    public static OrtLibrary Library => OrtLibrary.Load(TestPlaces.OnnxRuntimeLibrary);

    public static OrtEnvironment Environment
    {
        get
        {
            _ = Library;
            return _environment.Value;
        }
    }

    public static string Model(string name) => TestPlaces.Fixture("onnx", name);

    public static OrtSession Open(string name, params OrtProviderRequest[] providers)
        => OrtSession.Open(Environment, Model(name), new OrtSessionRequest { Providers = providers });

    /// <summary>A float tensor filled with a fixed sequence of numbers between -1 and 1.</summary>
    public static OrtTensor Filled(params long[] shape)
    {
        OrtTensor tensor = OrtTensor.Allocate(OrtElementType.Float, shape);
        Span<float> values = tensor.Floats;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i * 37 % 101 / 50f) - 1;
        }
        return tensor;
    }
}
