using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>
/// A run of tokens.onnx with unbound outputs: token t has the values 10t, 10t+1 ... and the score t, so the last tokens are kept.
/// </summary>
internal sealed class TokenRun : IDisposable
{
    private readonly OrtTensor _tokens;
    private readonly OrtTensor _scores;
    private readonly OrtTensor _count = OrtTensor.Allocate(OrtElementType.Int64, [1]);

    public TokenRun(OrtSession session, int tokenCount)
    {
        _tokens = OrtTensor.Allocate(OrtElementType.Float, [1, tokenCount, 4]);
        _scores = OrtTensor.Allocate(OrtElementType.Float, [1, tokenCount]);
        for (int i = 0; i < tokenCount * 4; i++)
        {
            _tokens.Floats[i] = (10 * (i / 4)) + (i % 4);
            _scores.Floats[i / 4] = i / 4;
        }
        Run = new OrtRun(session);
        Run.SetInput(session.FindInput("x"), _tokens);
        Run.SetInput(session.FindInput("score"), _scores);
        Run.SetInput(session.FindInput("k"), _count);
    }

    public OrtRun Run { get; }

    public void Keep(int count)
    {
        _count.Longs[0] = count;
        Run.Run();
    }

    public void Dispose()
    {
        Run.Dispose();
        _tokens.Dispose();
        _scores.Dispose();
        _count.Dispose();
    }
}
