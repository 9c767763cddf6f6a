using System.Globalization;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Names of recordings that follow each other: the name asked for, then that name with the start in UTC, as in
/// <c>run-20260102T030405678Z.erec</c>. No number is counted up, so names never run out, and they sort by time.
/// </summary>
internal static class RecordingName
{
    private const string Format = "yyyyMMdd'T'HHmmssfff'Z'";

    /// <summary>The name asked for where nothing of its ring is there, else one by time that no file has.</summary>
    public static string Free(string path, DateTimeOffset utcNow)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder) || !Directory.EnumerateFiles(folder).Any(f => IsOf(path, Path.GetFileName(f))))
        {
            return path;
        }

        string candidate;
        do
        {
            string start = utcNow.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
            candidate = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(path)}-{start}{Path.GetExtension(path)}");
            utcNow = utcNow.AddMilliseconds(1);
        }
        while (File.Exists(candidate));
        return candidate;
    }

    /// <summary>Whether a file is of the ring of a name: that name itself, or with a start or a number (<c>run-2.erec</c>).</summary>
    public static bool IsOf(string path, string fileName)
    {
        string stem = Path.GetFileNameWithoutExtension(path), name = Path.GetFileNameWithoutExtension(fileName);
        if (Path.GetExtension(fileName) != Path.GetExtension(path) || !name.StartsWith(stem, StringComparison.Ordinal))
        {
            return false;
        }

        string rest = name[stem.Length..];
        return rest.Length == 0 || (rest[0] == '-' && IsNumberOrStart(rest[1..]));
    }

    private static bool IsNumberOrStart(string text) => (text.Length is > 0 and <= 4 && text.All(char.IsAsciiDigit))
        || DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
