using Microsoft.ML.OnnxRuntime;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// How new a model the library takes. Its releases do not tell that in a number, so it is asked: a network of one operator is opened as
/// each version in turn, until one is refused.
/// </summary>
/// <param name="OperatorSet">The newest set of standard operators.</param>
/// <param name="IrVersion">The newest version of the file format.</param>
public sealed record OrtLimits(int OperatorSet, int IrVersion)
{
    /// <summary>What the oldest library takes that is served at all; a model that needs no more needs no question.</summary>
    public const int OldestOperatorSet = 20, OldestIrVersion = 9;

    /// <summary>Both are one byte of the model below, and years away from its end.</summary>
    private const int VersionMost = 120;

    private const int PlainIrVersion = 8, PlainOperatorSet = 13;

    private static readonly Lock _gate = new();
    private static OrtLimits? _known;

    /// <summary>Of the library of this process.</summary>
    public static OrtLimits Of(OrtEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        lock (_gate)
        {
            environment.Keep();
            try
            {
                return _known ??= new OrtLimits(Last(OldestOperatorSet, v => ProbeModel(PlainIrVersion, v)),
                    Last(OldestIrVersion, v => ProbeModel(v, PlainOperatorSet)));
            }
            finally
            {
                environment.DangerousRelease();
            }
        }
    }

    /// <summary>A network of one Relu over four floats, so that probing needs no file of anybody's.</summary>
    public static byte[] ProbeModel(int irVersion = PlainIrVersion, int operatorSet = PlainOperatorSet)
    {
        byte[] model = Convert.FromBase64String("CAg6NwoMCgF4EgF5IgRSZWx1EgVwcm9iZVoPCgF4EgoKCAgBEgQKAggEYg8KAXkSCgoICAESBAoCCARCAhAN");
        (model[1], model[^1]) = ((byte)irVersion, (byte)operatorSet);
        return model;
    }

    private static int Last(int known, Func<int, byte[]> model)
    {
        int last = known;
        while (last < VersionMost && Opens(model(last + 1)))
        {
            last++;
        }

        return last;
    }

    private static bool Opens(byte[] model)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            options.DisablePerSessionThreads();
            using var session = new InferenceSession(model, options);
            return true;
        }
        catch (Exception refused) when (OrtException.IsFrom(refused))
        {
            return false;
        }
    }
}
