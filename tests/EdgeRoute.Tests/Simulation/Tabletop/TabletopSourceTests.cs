using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Simulation.Sources;
using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Tests.Simulation.Tabletop;

public sealed class TabletopSourceTests
{
    [Fact]
    public void Delivers_the_size_format_and_number_asked_for()
    {
        using var source = Make("sim://tabletop?width=96&height=64&fps=0&frames=7&format=nv12");
        using var slot = new FrameSlot();
        Assert.True(source.Open());
        Assert.False(source.IsLive);
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out long sourceNs));
            Assert.Equal(i * 33_333_333L, sourceNs);
            Assert.Equal(FrameLayout.Packed(PixelFormat.Nv12, 96, 64), slot.Layout);
            Assert.True(source.LastTruth.Count <= TabletopScene.ObjectLimit);
        }

        Assert.Equal(ReadOutcome.End, source.Read(slot, 0, out _));
        Assert.Equal(SourceFaultKind.None, source.Fault.Kind);
    }

    [Fact]
    public void Seed_decides_the_pictures_and_reopening_starts_anew()
    {
        byte[] first = Last("sim://tabletop?width=64&height=48&fps=0&seed=3", 20, out var source);
        using (source)
        {
            source.Close();
            source.Open();
            Assert.Equal(first, ReadOn(source, 20));
        }

        byte[] same = Last("sim://tabletop?width=64&height=48&fps=0&seed=3", 20, out var again);
        byte[] other = Last("sim://tabletop?width=64&height=48&fps=0&seed=4", 20, out var otherSource);
        using (again)
        using (otherSource)
        {
            Assert.Equal(first, same);
            Assert.NotEqual(first, other);
        }
    }

    [Fact]
    public void Clutter_is_that_of_the_address()
    {
        Last("sim://tabletop?width=64&height=48&fps=0&clutter=0.75", 1, out var source);
        using (source)
        {
            Assert.Equal(0.75f, source.LastTruth.Clutter);
        }
    }

    /// <summary>A grey, a red and a blue corner by the formulas of ITU-R BT.601 in real numbers.</summary>
    [Theory]
    [InlineData(128, 128, 128)]
    [InlineData(214, 42, 42)]
    [InlineData(0, 0, 255)]
    [InlineData(255, 255, 255)]
    public void Nv12_is_limited_range_bt601(byte red, byte green, byte blue)
    {
        var layout = FrameLayout.Packed(PixelFormat.Nv12, 5, 3);
        byte[] rgb = [.. Enumerable.Repeat(new[] { red, green, blue }, 15).SelectMany(p => p)], nv12 = new byte[layout.SizeBytes];
        RgbToNv12.Convert(rgb, layout, nv12);
        double luma = (0.299 * red) + (0.587 * green) + (0.114 * blue);
        for (int i = 0; i < 15; i++)
        {
            Assert.InRange(nv12[i], 16 + (luma * 219 / 255) - 1, 16 + (luma * 219 / 255) + 1);
        }

        for (int i = 15; i < nv12.Length; i += 2)
        {
            Assert.InRange(nv12[i], 128 + ((blue - luma) / 1.772 * 224 / 255) - 1.2, 128 + ((blue - luma) / 1.772 * 224 / 255) + 1.2);
            Assert.InRange(nv12[i + 1], 128 + ((red - luma) / 1.402 * 224 / 255) - 1.2, 128 + ((red - luma) / 1.402 * 224 / 255) + 1.2);
        }
    }

    [Fact]
    public void Paced_by_the_clock_and_not_before()
    {
        var clock = new ScriptedClock();
        using var source = new TabletopSource(Settings("sim://tabletop?width=64&height=48&fps=10"), clock);
        using var slot = new FrameSlot();
        source.Open();
        Assert.True(source.IsLive);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(ReadOutcome.Nothing, source.Read(slot, 0, out _));
        clock.AdvanceMs(99);
        Assert.Equal(ReadOutcome.Nothing, source.Read(slot, 0, out _));
        clock.AdvanceMs(1);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out long sourceNs));
        Assert.Equal(100_000_000, sourceNs);

        // A reader that was away for two seconds gets one frame at once, then the pace again: nothing is made up for.
        clock.AdvanceMs(2000);
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        Assert.Equal(ReadOutcome.Nothing, source.Read(slot, 0, out _));
    }

    [Fact]
    public async Task Interrupt_ends_a_wait_at_once()
    {
        using var source = new TabletopSource(Settings("sim://tabletop?width=64&height=48&fps=0.001"));
        using var slot = new FrameSlot();
        source.Open();
        Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        var waiting = Task.Run(() => source.Read(slot, 600_000, out _));
        source.Interrupt();
        Assert.Equal(ReadOutcome.Nothing, await waiting.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var source = Make("sim://tabletop?width=64&height=48&fps=0&format=nv12");
        using var slot = new FrameSlot();
        source.Open();
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => source.Read(slot, 0, out _)));
    }

    [Fact]
    public void Reading_a_closed_source_is_a_fault()
    {
        using var source = Make("sim://tabletop");
        using var slot = new FrameSlot();
        Assert.Equal(ReadOutcome.Fault, source.Read(slot, 0, out _));
        Assert.Equal(SourceFaultKind.OpenFailed, source.Fault.Kind);
    }

    [Theory]
    [InlineData("sim://tabletop?width=8", "width=8", "32 to 4096")]
    [InlineData("sim://tabletop?height=high", "height=high", "32 to 4096")]
    [InlineData("sim://tabletop?fps=-1", "fps=-1", "0 (as fast as taken)")]
    [InlineData("sim://tabletop?fps=nan", "fps=nan", "0 (as fast as taken)")]
    [InlineData("sim://tabletop?seed=1.5", "seed=1.5", "whole number")]
    [InlineData("sim://tabletop?clutter=1.01", "clutter=1.01", "0 to 1")]
    [InlineData("sim://tabletop?frames=-3", "frames=-3", "0 for no end")]
    [InlineData("sim://tabletop?format=jpeg", "format=jpeg", "rgb or nv12")]
    [InlineData("sim://tabletop?colour=red", "colour=red", "the keys: task, width")]
    [InlineData("sim://tabletop?seed=1&seed=2", "seed=2", "twice")]
    [InlineData("sim://kitchen", "sim://kitchen", "sim://tabletop")]
    public void A_bad_address_is_refused_with_the_reason(string address, string place, string reason)
    {
        Assert.Null(TabletopSettings.Parse(address, out var problems));
        string problem = Assert.Single(problems);
        Assert.Contains(place, problem);
        Assert.Contains(reason, problem);
    }

    [Fact]
    public void The_source_factory_makes_it_from_its_address_and_passes_on_what_is_wrong()
    {
        var factory = new SourceFactory(TimeProvider.System);
        factory.RegisterScheme(SimulatedSources.Scheme, SimulatedSources.Make);
        Assert.True(factory.TryMake("sim://tabletop?width=64&height=48", SourceOptions.Usual, out var source, out _));
        using (source)
        {
            Assert.Contains("64x48", source.Description);
        }

        Assert.False(factory.TryMake("sim://tabletop?width=8&mood=good", SourceOptions.Usual, out _, out string problem));
        Assert.Contains("width=8", problem);
        Assert.Contains("mood=good", problem);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        Assert.Null(TabletopSettings.Parse("sim://tabletop?width=0&fps=x&mood=good", out var problems));
        Assert.Equal(3, problems.Count);
    }

    [Fact]
    public void An_address_without_keys_has_the_stated_defaults() =>
        Assert.Equal(Settings("sim://tabletop?width=640&height=480&fps=30&seed=1&clutter=auto&frames=0&format=rgb"),
            Settings("sim://tabletop"));

    private static TabletopSource Make(string address) => new(Settings(address));

    private static TabletopSettings Settings(string address)
    {
        var settings = TabletopSettings.Parse(address, out var problems);
        Assert.Empty(problems);
        return settings!;
    }

    private static byte[] Last(string address, int count, out TabletopSource source)
    {
        source = Make(address);
        source.Open();
        return ReadOn(source, count);
    }

    private static byte[] ReadOn(TabletopSource source, int count)
    {
        using var slot = new FrameSlot();
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(ReadOutcome.Frame, source.Read(slot, 0, out _));
        }

        return slot.Bytes.ToArray();
    }
}
