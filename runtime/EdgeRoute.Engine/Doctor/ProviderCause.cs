using System.Text.RegularExpressions;

namespace EdgeRoute.Engine.Doctor;

/// <summary>
/// ONNX Runtime's refusals begin with a source file, a C++ signature and an error number; the cause stands at the end. People are told the cause.
/// </summary>
internal static partial class ProviderCause
{
    /// <summary>The text with what stands in front of the cause taken out; unchanged where it is not in that form.</summary>
    public static string In(string text) => LibraryInFront().Replace(OriginInFront().Replace(text, ""), "");

    [GeneratedRegex(@"(?:\S+\.(?:cc|cpp|h|cu):\d+ [^\n]*?)?\[ONNXRuntimeError\] : \d+ : \w+ : ")]
    private static partial Regex OriginInFront();

    [GeneratedRegex(@"Failed to load library \S+ with error: ")]
    private static partial Regex LibraryInFront();
}
