using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeRoute.Workbench.Exporting;

/// <summary>
/// A layout that Foxglove and Lichtblick import: the pictures with what is drawn on them to the left; latency, the paths taken and the log
/// to the right.
/// </summary>
internal static class FoxgloveLayout
{
    /// <summary>Share of the pictures, and of what stands above in a column.</summary>
    private const int PicturePercent = 60, PlotPercent = 35, StatePercent = 45;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    public static string Of(ExportTopics topics)
    {
        var panels = new JsonObject();
        List<SourceTopics> sources = [.. topics.Sources.Where(s => s.Decision.MessageCount > 0)];
        List<string> pictures = [];
        foreach (var source in topics.Sources.Where(s => s.Image.MessageCount > 0))
        {
            pictures.Add("Image!" + source.Prefix[1..]);
            panels[pictures[^1]] = PictureOf(source);
        }

        panels["Plot!latency"] = PlotOf(sources);
        panels["StateTransitions!path"] = new JsonObject
        {
            ["paths"] = new JsonArray([.. sources.SelectMany(s => new[] { PathOf(s, "path"), PathOf(s, "end") })]),
            ["isSynced"] = true,
        };
        panels["RosOut!log"] = new JsonObject
        {
            ["topicToRender"] = topics.Log.Topic, ["searchTerms"] = new JsonArray(), ["minLogLevel"] = 1,
        };
        var right = Split("column", "Plot!latency", Split("column", "StateTransitions!path", "RosOut!log", StatePercent), PlotPercent);
        return new JsonObject
        {
            ["configById"] = panels,
            ["globalVariables"] = new JsonObject(),
            ["userNodes"] = new JsonObject(),
            ["playbackConfig"] = new JsonObject { ["speed"] = 1 },
            ["layout"] = pictures.Count == 0 ? right : Split("row", Stack(pictures), right, PicturePercent),
        }.ToJsonString(Format) + "\n";
    }

    private static JsonObject PictureOf(SourceTopics source) => new()
    {
        ["foxglovePanelTitle"] = source.Source.Name,
        ["imageMode"] = new JsonObject
        {
            ["imageTopic"] = source.Image.Topic,
            ["annotations"] = new JsonObject
            {
                [source.Boxes.Topic] = new JsonObject { ["visible"] = true },
                [source.Path.Topic] = new JsonObject { ["visible"] = true },
            },
        },
    };

    private static JsonObject PlotOf(IEnumerable<SourceTopics> sources) => new()
    {
        ["foxglovePanelTitle"] = "Latency against deadline, device time [ms]",
        ["paths"] = new JsonArray([.. sources.SelectMany(s => new[]
        {
            PathOf(s, "latency_ms"), PathOf(s, "deadline_ms"), PathOf(s, "device_ms"),
        })]),
        ["xAxisVal"] = "timestamp",
        ["isSynced"] = true,
        ["showLegend"] = true,
        ["legendDisplay"] = "floating",
        ["showXAxisLabels"] = true,
        ["showYAxisLabels"] = true,
    };

    private static JsonNode PathOf(SourceTopics source, string field) => new JsonObject
    {
        ["value"] = $"{source.Decision.Topic}.{field}",
        ["label"] = $"{source.Source.Name} {field}",
        ["enabled"] = true,
        ["timestampMethod"] = "receiveTime",
    };

    /// <summary>One below the other, of equal height.</summary>
    private static JsonNode Stack(List<string> panels) => panels.Count == 1 ? panels[0]
        : Split("column", panels[0], Stack(panels[1..]), 100 / panels.Count);

    private static JsonObject Split(string direction, JsonNode first, JsonNode second, int percent) => new()
    {
        ["direction"] = direction, ["first"] = first, ["second"] = second, ["splitPercentage"] = percent,
    };
}
