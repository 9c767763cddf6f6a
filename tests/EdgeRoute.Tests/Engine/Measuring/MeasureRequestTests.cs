using EdgeRoute.Engine.Measuring;

namespace EdgeRoute.Tests.Engine.Measuring;

/// <summary>Which settings take turns.</summary>
public sealed class MeasureRequestTests
{
    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(4, new[] { 1, 2, 3, 4 })]
    [InlineData(8, new[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData(12, new[] { 1, 2, 3, 4, 5, 6, 7, 8, 10, 12 })]
    [InlineData(64, new[] { 1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 17, 22, 29, 38, 50, 64 })]
    public void Counts_go_up_to_the_number_of_cores(int cores, int[] counts) => Assert.Equal(counts, MeasureRequest.CountsUpTo(cores));

    [Fact]
    public void An_accelerator_is_measured_with_one_thread_unless_counts_are_given()
    {
        Assert.Equal([new RunSetting("CUDA", 1, false)], Request([], spins: false).SettingsOf("CUDA", 4));
        Assert.Equal([new RunSetting("CUDA", 2, false), new RunSetting("CUDA", 4, false)], Request([2, 4], spins: false)
            .SettingsOf("CUDA", 4));
    }

    [Fact]
    public void One_thread_alone_has_nothing_to_spin_for() => Assert.Equal(
        [new RunSetting("CPU", 1, false), new RunSetting("CPU", 2, false), new RunSetting("CPU", 2, true)],
        Request([], spins: true).SettingsOf("CPU", 2));

    private static MeasureRequest Request(int[] threads, bool spins) =>
        new("pack", null, _ => "", null, [], threads, spins, new Dictionary<string, EdgeRoute.Engine.Capture.SourceMaker>());
}
