using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// The graphs of a pack's model files, read without a session: whether they are whole, new enough and not too new, and what the manifest
/// says. A check and a start ask the same, so that they refuse the same.
/// </summary>
internal sealed class PackGraphs(Pack pack)
{
    private readonly OnnxHeader[] _stages = [.. pack.Stages.Select(s => OnnxHeader.Read(s.FilePath))];
    private readonly OnnxHeader? _language = pack.Language is { } language ? OnnxHeader.Read(language.FilePath) : null;

    public Pack Pack => pack;

    /// <summary>A model may be newer than the library; only the library can tell.</summary>
    public bool AskLibrary => _stages.Append(_language).OfType<OnnxHeader>().Any(IsNew);

    /// <param name="environment">Null where no library is there to ask.</param>
    /// <exception cref="PackRefusedException">The files are not what the manifest says, or no library could open them.</exception>
    public void Require(OrtEnvironment? environment)
    {
        if (FindProblems(environment) is { Count: > 0 } problems)
        {
            throw new PackRefusedException(pack.ManifestPath, problems);
        }
    }

    /// <summary>What speaks against stages without ruling them out, each with the name of its stage.</summary>
    /// <param name="board">Null: this machine.</param>
    public IEnumerable<string> Doubts(BoardIdentity? board = null)
    {
        var ofExits = pack.Stages.SelectMany((s, i) => s.Exit is null ? []
            : ExitDoubts.Of(s.Exit, _stages[i]).Select(d => $"stage '{s.Name}': {d}"));
        var wide = pack.Stages.Where(s => s.Quantized is { WeightBits: 8 }).ToList();
        return wide.Count == 0 || !(board ?? BoardIdentity.Read(new SystemFiles())).CutsSumsOfBytes ? ofExits
            : ofExits.Concat(wide.Select(s => $"stage '{s.Name}': its weights have 8 bits, and this processor, which has no VNNI, cuts "
                + "sums of their products off on the CPU; make it anew by 'edgeroute pack quantize --weight-bits 7 --replace'"));
    }

    /// <summary>What an older or other library could open: why this one cannot.</summary>
    public static IEnumerable<string> TooNew(string file, OnnxHeader header, OrtEnvironment environment)
    {
        if (!IsNew(header))
        {
            yield break;
        }

        var limits = OrtLimits.Of(environment);
        string library = $"ONNX Runtime {environment.Library.Version} ({environment.Library.Path})";
        if (OperatorSetOf(header) > limits.OperatorSet)
        {
            yield return $"file '{file}' needs operator set {OperatorSetOf(header)}, but {library} takes up to {limits.OperatorSet}; "
                + $"export the model with opset {limits.OperatorSet} or less, or use a newer library";
        }

        if (header.IrVersion > limits.IrVersion)
        {
            yield return $"file '{file}' has IR version {header.IrVersion}, but {library} takes up to {limits.IrVersion}; save the model "
                + $"anew with ir_version {limits.IrVersion}, or use a newer library";
        }
    }

    private static bool IsNew(OnnxHeader header) =>
        OperatorSetOf(header) > OrtLimits.OldestOperatorSet || header.IrVersion > OrtLimits.OldestIrVersion;

    private static long OperatorSetOf(OnnxHeader header) => header.OperatorSets.GetValueOrDefault(OnnxHeader.StandardDomain);

    private IReadOnlyList<string> FindProblems(OrtEnvironment? environment)
    {
        var problems = new PackProblems();
        for (int i = 0; i < _stages.Length; i++)
        {
            AddFile($"stage '{pack.Stages[i].Name}'", pack.Stages[i].FilePath, _stages[i], environment, problems);
        }

        if (_language is not null)
        {
            AddFile("language", pack.Language!.FilePath, _language, environment, problems);
        }

        // What a damaged file lacks is not what is wrong with it.
        bool areWhole = _stages.Append(_language).All(h => h?.Fault is null);
        if (areWhole)
        {
            var tensors = PackSessionCheck.FindProblems(pack, [.. _stages.Select(StageTensors.Of)],
                _language is null ? null : StageTensors.Of(_language));
            foreach (string problem in tensors)
            {
                problems.Add(problem);
            }
        }

        return problems.ToList();
    }

    private static void AddFile(string where, string path, OnnxHeader header, OrtEnvironment? environment, PackProblems problems)
    {
        string file = Path.GetFileName(path);
        var found = ModelFileCheck.ProblemsInside(file, header)
            .Concat(environment is null ? [] : TooNew(file, header, environment));
        foreach (string problem in found)
        {
            problems.Add($"{where}: {problem}");
        }
    }
}
