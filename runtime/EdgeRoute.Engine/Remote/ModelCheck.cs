using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Remote;

/// <summary>What a server says of itself and of its models.</summary>
/// <param name="reply">What its answers are read into.</param>
internal sealed class ModelCheck(EngineAddress address, HttpReply reply)
{
    /// <summary>Descriptions of models are a few kilobytes.</summary>
    private const int BytesMost = 1024 * 1024;

    /// <summary>Paths of a model at the server.</summary>
    public static string PathOf(EngineAddress address, EngineStageConfig stage)
    {
        string version = stage.Version is { } named ? $"/versions/{Uri.EscapeDataString(named)}" : "";
        return $"{address.Prefix}/v2/models/{Uri.EscapeDataString(stage.Model)}{version}";
    }

    /// <exception cref="RemoteFaultException">It says that it is not ready, or nothing.</exception>
    public void RequireReady(RemoteLink link, double limitMs)
    {
        Ask(link, $"{address.Prefix}/v2/health/ready", limitMs);
        if (!reply.IsOk)
        {
            throw new RemoteFaultException($"it is not ready ({reply.Words}); does it speak the Open Inference Protocol (KServe v2)?");
        }
    }

    /// <summary>Why the server cannot run a model at all, in words; null where it has it.</summary>
    /// <exception cref="RemoteFaultException">It does not answer.</exception>
    public string? Absence(RemoteLink link, EngineStageConfig stage, double limitMs)
    {
        Ask(link, PathOf(address, stage), limitMs);
        string version = stage.Version is { } named ? $" of version {named}" : "";
        return reply.IsOk ? null : $"the server has no model '{stage.Model}'{version} that is loaded ({reply.Words}); load it there, or "
            + "mend 'model' and 'version'";
    }

    /// <summary>In what a server's model differs from a stage's, each in words; empty where it can run the stage.</summary>
    /// <exception cref="RemoteFaultException">It does not answer.</exception>
    public IReadOnlyList<string> Differences(RemoteLink link, EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs,
        IReadOnlyList<RemoteTensor> outputs, double limitMs)
    {
        if (Absence(link, stage, limitMs) is { } absence)
        {
            return [absence];
        }

        try
        {
            using var document = JsonDocument.Parse(reply.Body.ToArray());
            var told = document.RootElement;
            return [.. Of("input", inputs, told, isWhole: true), .. Of("output", outputs, told, isWhole: false)];
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return [$"what the server tells of model '{stage.Model}' is no description of the protocol ({fault.Message})"];
        }
    }

    private static IEnumerable<string> Of(string kind, IReadOnlyList<RemoteTensor> wanted, JsonElement told, bool isWhole)
    {
        // Some servers describe a model only where somebody has told them; what it cannot do shows when it runs.
        bool isTold = told.TryGetProperty(kind + "s", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0;
        var theirs = isTold ? list.EnumerateArray().DistinctBy(NameOf).ToDictionary(NameOf) : [];
        foreach (var tensor in wanted.Where(_ => isTold))
        {
            if (!theirs.TryGetValue(tensor.Name, out var other))
            {
                yield return $"the server's model has no {kind} '{tensor.Name}'{NearestName.Hint(tensor.Name, theirs.Keys)}; it must be "
                    + "the stage's own model";
                continue;
            }

            string datatype = other.GetProperty("datatype").GetString() ?? "";
            if (datatype != tensor.Datatype)
            {
                yield return $"{kind} '{tensor.Name}' of the server's model is {datatype}, the stage's is {tensor.Datatype}; export both "
                    + "alike";
            }

            long[] shape = [.. other.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
            if (!Fits(shape, tensor.Tensor.Shape))
            {
                yield return $"{kind} '{tensor.Name}' of the server's model has shape {TextOf(shape)}, the stage's has "
                    + $"{TextOf(tensor.Tensor.Shape.ToArray())}; export both alike";
            }
        }

        foreach (string left in theirs.Keys.Where(n => isWhole && !wanted.Any(w => w.Name == n)))
        {
            yield return $"the server's model takes {kind} '{left}', which the stage's has not; it must be the stage's own model";
        }
    }

    private static string NameOf(JsonElement tensor) => tensor.GetProperty("name").GetString() ?? "";

    /// <summary>Sizes below 1 are those that are decided by each request.</summary>
    private static bool Fits(long[] told, ReadOnlySpan<long> own)
    {
        bool fits = told.Length == own.Length;
        for (int i = 0; fits && i < told.Length; i++)
        {
            fits = told[i] < 1 || told[i] == own[i];
        }

        return fits;
    }

    private static string TextOf(long[] shape) =>
        $"[{string.Join(",", shape.Select(s => s < 1 ? "?" : s.ToString(CultureInfo.InvariantCulture)))}]";

    private void Ask(RemoteLink link, string path, double limitMs)
    {
        link.Until(limitMs);
        link.Send(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAccept: application/json\r\n\r\n"));
        reply.Read(link, BytesMost);
    }
}
