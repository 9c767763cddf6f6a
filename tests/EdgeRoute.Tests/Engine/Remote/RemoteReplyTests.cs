using System.Text;
using EdgeRoute.TestBench.Fuzzing;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>Whatever a server answers is refused in words at worst; what the fuzzer of answers found stays mended.</summary>
public sealed class RemoteReplyTests
{
    public static TheoryData<string> Found =>
    [
        """{"outputs":[{"name":"twice","shape":[1,3],"data":[1,2,3]},{"name":"twice","shape":[1,2],"data":[[]]}]}""",
    ];

    [SkippableTheory]
    [MemberData(nameof(Found))]
    public void What_was_found_is_taken(string body)
    {
        _ = OrtPlace.Environment;
        using var target = new ReplyTarget();
        target.Take(Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\n\r\n" + body));
    }

    [SkippableFact]
    public void What_the_fuzzer_begins_with_is_taken()
    {
        _ = OrtPlace.Environment;
        using var target = new ReplyTarget();
        foreach (byte[] seed in ReplyTarget.Seeds)
        {
            target.Take(seed);
        }
    }
}
