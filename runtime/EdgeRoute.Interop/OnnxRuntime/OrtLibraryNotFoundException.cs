using System.Text;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>No place holds a usable ONNX Runtime library; the message lists every place tried and why each failed.</summary>
public sealed class OrtLibraryNotFoundException(IReadOnlyList<OrtLibraryPlace> places) : Exception(Describe(places))
{
    public IReadOnlyList<OrtLibraryPlace> Places { get; } = places;

    private static string Describe(IReadOnlyList<OrtLibraryPlace> places)
    {
        var text = new StringBuilder(
            $"no usable ONNX Runtime library (libonnxruntime.so, version 1.{OrtLibrary.MinimumApiVersion} or newer) was found. Places tried:");
        foreach (OrtLibraryPlace place in places)
        {
            text.Append("\n  ").Append(place);
        }
        text.Append("\nNext step: set the library path in the device config or the environment variable ").Append(OrtLibrarySearch.EnvironmentVariable);
        return text.Append(", or run runtime/natives/install.sh and put libonnxruntime.so.1 beside the binary.").ToString();
    }
}
