namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>A disk with room for so many bytes: it takes what fits and then throws, as write(2) does with ENOSPC.</summary>
internal sealed class FullDisk(int roomBytes) : MemoryStream
{
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        int fits = (int)Math.Min(buffer.Length, roomBytes - Length);
        base.Write(buffer[..fits]);
        if (fits < buffer.Length)
        {
            throw new IOException("No space left on device");
        }
    }
}
