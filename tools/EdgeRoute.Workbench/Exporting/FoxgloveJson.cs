using System.Text.Json;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>Messages in the forms that Foxglove publishes, and the few of this project beside them.</summary>
internal static class FoxgloveJson
{
    /// <summary>Levels of foxglove.Log.</summary>
    private const int Info = 2, Warning = 3, Error = 4;

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
    public static void WriteLog(Utf8JsonWriter json, string source, RecordedEvent recorded, ulong timeNs)
    {
        json.WriteStartObject();
        WriteTime(json, timeNs);
        json.WriteNumber("level", LevelOf(recorded.Kind));
        json.WriteString("message", recorded.Text.Length > 0 ? recorded.Text : WordOf(recorded.Kind));
        json.WriteString("name", source.Length > 0 ? source : "edgeroute");
        json.WriteString("file", "");
        json.WriteNumber("line", 0);
        json.WriteEndObject();
    }

    public static void WriteEvent(Utf8JsonWriter json, string source, RecordedEvent recorded, ulong timeNs)
    {
        json.WriteStartObject();
        WriteTime(json, timeNs);
        json.WriteString("source", source);
        json.WriteString("kind", WordOf(recorded.Kind));
        json.WriteString("text", recorded.Text);
        json.WriteEndObject();
    }

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
        _ => Info,
    };
}
