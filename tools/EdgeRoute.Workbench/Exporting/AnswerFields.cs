using System.Text.Json;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>Fields of a line of an answers file; what is of another kind counts as absent.</summary>
internal static class AnswerFields
{
    public static string? TextOf(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static double? NumberOf(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            && double.IsFinite(number) ? number : null;

    public static IEnumerable<JsonElement> ListOf(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    public static float[]? Numbers(this JsonElement element, string name, int count) =>
        element.TryGetProperty(name, out var list) ? list.Numbers(count) : null;

    /// <summary>Null where they are not so many finite numbers.</summary>
    public static float[]? Numbers(this JsonElement list, int count)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != count)
        {
            return null;
        }

        float[] numbers = [.. list.EnumerateArray().Select(n => n.ValueKind == JsonValueKind.Number ? n.GetSingle() : float.NaN)];
        return numbers.All(float.IsFinite) ? numbers : null;
    }
}
