using System.Globalization;
using System.Text.Json;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>Messages in the forms that Foxglove publishes, and the few of this project beside them.</summary>
internal static class FoxgloveJson
{
    /// <summary>Levels of foxglove.Log.</summary>
    public const int Notice = 2, Warning = 3, Error = 4;

    private const ulong NsPerSecond = 1_000_000_000;

    public static void WriteTime(Utf8JsonWriter json, ulong timeNs)
    {
        json.WriteStartObject("timestamp");
        json.WriteNumber("sec", timeNs / NsPerSecond);
        json.WriteNumber("nsec", timeNs % NsPerSecond);
        json.WriteEndObject();
    }

    public static void WriteImage(Utf8JsonWriter json, string source, ReadOnlySpan<byte> jpeg, ulong timeNs)
    {
        json.WriteStartObject();
        WriteTime(json, timeNs);
        json.WriteString("frame_id", source);
        json.WriteBase64String("data", jpeg);
        json.WriteString("format", "jpeg");
        json.WriteEndObject();
    }

    /// <param name="source">Empty for the whole engine.</param>
    public static void WriteLog(Utf8JsonWriter json, string source, RecordedEvent recorded, ulong timeNs) => WriteLog(json, source,
        LevelOf(recorded.Kind), recorded.Text.Length > 0 ? recorded.Text : WordOf(recorded.Kind), timeNs);

    /// <param name="source">Empty for the whole engine.</param>
    public static void WriteLog(Utf8JsonWriter json, string source, int level, string text, ulong timeNs)
    {
        json.WriteStartObject();
        WriteTime(json, timeNs);
        json.WriteNumber("level", level);
        json.WriteString("message", text);
        json.WriteString("name", source.Length > 0 ? source : "edgeroute");
        json.WriteString("file", "");
        json.WriteNumber("line", 0);
        json.WriteEndObject();
    }

    /// <param name="kind">Of a recording what it was; live how grave it is.</param>
    public static void WriteEvent(Utf8JsonWriter json, string source, string kind, string text, ulong timeNs)
    {
        json.WriteStartObject();
        WriteTime(json, timeNs);
        json.WriteString("source", source);
        json.WriteString("kind", kind);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    /// <summary>Which way a frame went, how long it took and how it ended, in one line.</summary>
    public static string PathLine(string path, long latencyNs, string end, bool isLate) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}  {latencyNs / 1e6:0.0} ms, {end}{(isLate ? ", late" : "")}");

    /// <summary>A name of the code as files and commands have it: <c>only_option</c>.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>Nothing where it is no number, or infinite: JSON has no word for it, and viewers none for null.</summary>
    public static void WriteFigure(Utf8JsonWriter json, string name, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }

    private static int LevelOf(EventKind kind) => kind switch
    {
        EventKind.SourceFault or EventKind.StageFailed => Error,
        EventKind.SourceEnded or EventKind.ProviderFallback or EventKind.RecordsLost or EventKind.Stale => Warning,
        _ => Notice,
    };
}
