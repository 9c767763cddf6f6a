using System.Security.Cryptography;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// A config that came from afar is on probation until frames have flowed with it for a while. A file beside it says so, and whether a run
/// with it has begun and not ended in order: so the next start knows of a crash, and of a power cut.
/// </summary>
internal sealed class ConfigProbation(string path)
{
    public const string Ending = ".unproven";

    /// <summary>What stands behind the hash once a run with the config has begun.</summary>
    private const string Begun = " begun";

    private const int MarkBytesMost = 256;

    private string MarkPath => path + Ending;

    /// <summary>The config file is one that has not proved itself.</summary>
    public bool IsOn => Mark() is { } mark && mark.StartsWith(HashOfFile(), StringComparison.Ordinal);

    /// <summary>A run with this very config began and did not end in order.</summary>
    public bool HasCrashed => IsOn && Mark()!.EndsWith(Begun, StringComparison.Ordinal);

    /// <summary>Before the config of these bytes takes its place.</summary>
    /// <exception cref="IOException">The mark cannot be written.</exception>
    public void Begin(byte[] bytes) => Write(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>A run with it begins.</summary>
    public void BeginRun() => TryWrite(HashOfFile() + Begun);

    /// <summary>A run with it ended in order before it had proved itself.</summary>
    public void EndRun() => TryWrite(HashOfFile());

    /// <summary>It has proved itself, or has given way.</summary>
    public void End()
    {
        try
        {
            File.Delete(MarkPath);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The mark stays: at worst the config proves itself again at the next start.
        }
    }

    private string? Mark()
    {
        try
        {
            return PrivateFile.TryRead(MarkPath, MarkBytesMost);
        }
        catch (TrustException)
        {
            return null;
        }
    }

    private string HashOfFile()
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return "no file";
        }
    }

    private void Write(string mark)
    {
        try
        {
            PrivateFile.Write(MarkPath, mark);
        }
        catch (TrustException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    private void TryWrite(string mark)
    {
        try
        {
            Write(mark);
        }
        catch (IOException)
        {
            // Without the mark a crash is not told from an orderly end; the config itself runs on.
        }
    }
}

/// <summary>What came of a probation so far.</summary>
internal enum ProbationVerdict
{
    Open,
    Proven,
    Failed,
}

/// <param name="FlowNs">Frames flow for so long.</param>
/// <param name="LimitNs">At the latest by then, counted from the start.</param>
internal sealed record ProbationTimes(long FlowNs, long LimitNs)
{
    /// <summary>
    /// In 10 s a fault of the first seconds shows, and who watches the change is still there. A camera that is slow to start, and an engine
    /// that TensorRT has to build, take most of a minute.
    /// </summary>
    public static ProbationTimes Usual { get; } = new(10_000_000_000, 90_000_000_000);
}

/// <summary>Judges a config by the frames that are answered with it. Pure but for its own state.</summary>
/// <param name="startNs">When the engine began to run.</param>
internal sealed class ProbationJudge(long startNs, ProbationTimes times)
{
    private long _firstNs = -1, _firstCount;

    public ProbationVerdict Judge(long answeredCount, long nowNs)
    {
        if (_firstNs < 0 && answeredCount > 0)
        {
            (_firstNs, _firstCount) = (nowNs, answeredCount);
        }

        if (_firstNs >= 0 && nowNs - _firstNs >= times.FlowNs && answeredCount > _firstCount)
        {
            return ProbationVerdict.Proven;
        }

        return nowNs - startNs >= times.LimitNs ? ProbationVerdict.Failed : ProbationVerdict.Open;
    }
}
