using EdgeRoute.Documents;
using EdgeRoute.Engine.Measuring;
using EdgeRoute.Protocol;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.Engine.Capture;
using static EdgeRoute.Tests.Engine.Capture.ScriptedSource;

namespace EdgeRoute.Tests.Engine.Measuring;

/// <summary>Which frames of a source are kept to be seen again, and for how long they are waited for.</summary>
public sealed class FrameReelTests
{
    private readonly ScriptedClock _clock = new();

    [Fact]
    public void A_source_may_begin_late_and_is_left_where_nothing_follows()
    {
        long begun = _clock.NowNs();
        Assert.Equal(1, Count(4, Act.Opens, Act.Silence, Act.Silence, Act.Frame, Act.Silence, Act.Frame));
        Assert.Equal(333, (_clock.NowNs() - begun) / 1_000_000);
    }

    [Fact]
    public void Broken_pictures_are_passed_over() =>
        Assert.Equal(2, Count(4, Act.Opens, Act.BadPicture, Act.Frame, Act.BadPicture, Act.BadPicture, Act.Frame));

    [Fact]
    public void No_more_frames_are_taken_than_were_asked_for() => Assert.Equal(3, Count(3, [Act.Opens, .. Act.Many(Act.Frame, 9)]));

    [Fact]
    public void A_source_without_a_frame_is_refused() => Assert.Contains("source 's' gives no frame",
        Assert.Throws<EngineRefusedException>(() => Count(2, [Act.Opens, .. Act.Many(Act.Silence, 20)])).Message, StringComparison.Ordinal);

    private int Count(int most, params Act[] script)
    {
        using var reel = FrameReel.Take(new ScriptedSource(isLive: false, _clock, script), "s", most, long.MaxValue, _clock);
        return reel.Frames.Count;
    }
}
