using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// The language network with what it made of the latest instructions. Its output tensors are the ones that stages are bound to: after
/// <see cref="Tell"/> they hold the features of that instruction, from a run or from the cache.
/// </summary>
internal sealed class InstructionFeatures : IDisposable
{
    /// <summary>
    /// Instructions kept: more than a robot is told in an hour, at some kilobytes each. The least recently used leaves.
    /// </summary>
    public const int CacheLimit = 64;

    /// <summary>What reports call the network.</summary>
    public const string StageName = "language";

    private readonly PackLanguage _language;
    private readonly OrtSession _session;
    private readonly OrtRun _run;
    private readonly OrtTensor _tokens;
    private readonly OrtTensor[] _outputs;
    private readonly CachedInstruction[] _cache = new CachedInstruction[CacheLimit];
    private InstructionCounts _counts;
    private string? _told;
    private (string Text, string Reason) _refused = ("", "");
    private long _useCount;

    /// <exception cref="StageFailedException">The first run, which finds the output shapes, failed.</exception>
    public InstructionFeatures(PackLanguage language, OrtSession session, FirstRuns first)
    {
        (_language, _session, _run) = (language, session, new OrtRun(session));
        int tokens = session.FindInput(language.TokensTensorName);
        _tokens = OrtTensor.Allocate(OrtElementType.Int64, [1, language.Length]);
        _run.SetInput(tokens, _tokens);
        _outputs = BindOutputs(first);
        for (int i = 0; i < CacheLimit; i++)
        {
            _cache[i] = new CachedInstruction([.. _outputs.Select(o => new byte[o.ByteCount])]);
        }
    }

    public InstructionCounts Counts => _counts;

    public OrtTensor Output(string name) => _outputs[_session.FindOutput(name)];

    /// <summary>Makes the outputs hold the features of an instruction. Allocates nothing, unless the text is refused.</summary>
    /// <exception cref="TaskUntoldException">The text has words that the network does not know, too many words, or none.</exception>
    /// <exception cref="StageFailedException">The network failed.</exception>
    public void Tell(string instruction)
    {
        if (ReferenceEquals(instruction, _told))
        {
            _counts = _counts with { HitCount = _counts.HitCount + 1 };
        }
        else if (Find(instruction) is { } cached)
        {
            _counts = _counts with { HitCount = _counts.HitCount + 1 };
            cached.CopyTo(_outputs);
            (cached.Text, cached.LastUse, _told) = (instruction, ++_useCount, instruction);
        }
        else
        {
            _counts = _counts with { MissCount = _counts.MissCount + 1 };
            Read(instruction);
            Keep(instruction);
            _told = instruction;
        }
    }

    public void Terminate() => _run.Terminate();

    public void ClearTermination() => _run.ClearTermination();

    public void Dispose()
    {
        _run.Dispose();
        _tokens.Dispose();
        Array.ForEach(_outputs, t => t.Dispose());
    }

    /// <summary>Sources keep one string per instruction, so it is looked for by reference first: no text is read or hashed.</summary>
    private CachedInstruction? Find(string instruction)
    {
        foreach (var entry in _cache)
        {
            if (ReferenceEquals(entry.Text, instruction))
            {
                return entry;
            }
        }

        foreach (var entry in _cache)
        {
            if (string.Equals(entry.Text, instruction, StringComparison.Ordinal))
            {
                return entry;
            }
        }

        return null;
    }

    private void Read(string instruction)
    {
        // Frames of a source go on with the same text: its reason is found once.
        if (!string.Equals(instruction, _refused.Text, StringComparison.Ordinal)
            && _language.Tokenize(instruction, _tokens.Longs) is { } reason)
        {
            _refused = (instruction, $"the instruction '{instruction}' cannot be followed: {reason}");
        }

        if (string.Equals(instruction, _refused.Text, StringComparison.Ordinal))
        {
            _counts = _counts with { RefusedCount = _counts.RefusedCount + 1 };
            throw new TaskUntoldException(_refused.Reason);
        }

        // From here on the outputs are no longer those of the text told before.
        _told = null;
        _counts = _counts with { RunCount = _counts.RunCount + 1 };
        Run();
    }

    private void Keep(string instruction)
    {
        var oldest = _cache[0];
        foreach (var entry in _cache)
        {
            oldest = entry.LastUse < oldest.LastUse ? entry : oldest;
        }

        _counts = _counts with { EvictedCount = _counts.EvictedCount + (oldest.Text is null ? 0 : 1) };
        oldest.CopyFrom(_outputs);
        (oldest.Text, oldest.LastUse) = (instruction, ++_useCount);
    }

    private void Run()
    {
        try
        {
            _run.Run();
        }
        catch (OrtException fault)
        {
            throw new StageFailedException(StageName, fault.Message, fault);
        }

        if (!Array.TrueForAll(_outputs, OnnxHeadTensors.AreNumbers))
        {
            throw new StageFailedException(StageName, "its features hold values that are not numbers");
        }
    }

    private OrtTensor[] BindOutputs(FirstRuns first)
    {
        first.Run(_run, StageName);
        var outputs = new OrtTensor[_session.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            using var found = _run.TakeOutput(i);
            outputs[i] = OrtTensor.Allocate(found.ElementType, found.Shape);
            _run.SetOutput(i, outputs[i]);
        }

        return outputs;
    }

    /// <summary>The features of one instruction; room for them is made at load.</summary>
    private sealed class CachedInstruction(byte[][] features)
    {
        /// <summary>Null while the entry is free.</summary>
        public string? Text { get; set; }

        /// <summary>Counts uses; 0 while the entry is free.</summary>
        public long LastUse { get; set; }

        public void CopyFrom(OrtTensor[] outputs)
        {
            for (int i = 0; i < features.Length; i++)
            {
                outputs[i].Bytes.CopyTo(features[i]);
            }
        }

        public void CopyTo(OrtTensor[] outputs)
        {
            for (int i = 0; i < features.Length; i++)
            {
                features[i].CopyTo(outputs[i].Bytes);
            }
        }
    }
}

/// <summary>What became of the instructions that a pack's stages were told, over the frames of all sources that use it.</summary>
/// <param name="HitCount">Found in the cache, or still in place from the frame before.</param>
/// <param name="MissCount">Not found: new, or let go before.</param>
/// <param name="RunCount">Runs of the language network: misses, less those refused or failed before it ran.</param>
/// <param name="EvictedCount">Let go to make room.</param>
/// <param name="RefusedCount">Texts that could not be understood.</param>
public readonly record struct InstructionCounts(long HitCount, long MissCount, long RunCount, long EvictedCount, long RefusedCount);
