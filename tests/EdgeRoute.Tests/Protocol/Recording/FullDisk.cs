namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>A disk with room for so many bytes: it takes what fits and then throws, as write(2) does with ENOSPC.</summary>
internal sealed class FullDisk(int roomBytes) : MemoryStream
{
    /// <summary>Writes of spans come here too: MemoryStream sends those of a derived class through this overload.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        int fits = (int)Math.Min(count, roomBytes - Length);
        base.Write(buffer, offset, fits);
        if (fits < count)
        {
            throw new IOException("No space left on device");
        }
    }
}
