namespace EdgeRoute.Tests.Engine.Tracing;

/// <summary>A disk whose first write does not return until it is let go: the worst stall, made exact.</summary>
internal sealed class StuckDisk : MemoryStream
{
    private readonly ManualResetEventSlim _isStuck = new();
    private readonly ManualResetEventSlim _mayGo = new();

    public void WaitUntilStuck() => Assert.True(_isStuck.Wait(TimeSpan.FromSeconds(30)), "nothing was written");

    public void LetGo() => _mayGo.Set();

    /// <summary>Writes of spans come here too: MemoryStream sends those of a derived class through this overload.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        _isStuck.Set();
        Assert.True(_mayGo.Wait(TimeSpan.FromSeconds(30)), "the disk was never let go");
        base.Write(buffer, offset, count);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _isStuck.Dispose();
        _mayGo.Dispose();
    }
}
