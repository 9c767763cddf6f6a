using System.Security.Cryptography;
using EdgeRoute.Engine.Packs;

namespace EdgeRoute.Tests.Packs;

public sealed class FileDigestTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 130), 65535, 65536, 65537, 131072, 200_001];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void The_digest_equals_that_of_the_frameworks_library(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), FileDigest.Sha256(new MemoryStream(bytes)));
    }

    /// <summary>Streams may hand over less than was asked for.</summary>
    [Fact]
    public void Short_reads_change_nothing()
    {
        byte[] bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), FileDigest.Sha256(new TricklingStream(bytes)));
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 777)]);
    }
}
