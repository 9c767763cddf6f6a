using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Agreement;

public sealed class MapLikenessTests
{
    private static readonly AnswerAgreement Agreement = new(new AgreementSettings(Limit));

    private static float Classes(float[] judged, float[] teacher) =>
        Agreement.Of(Values(TaskKind.Segmentation, judged), Values(TaskKind.Segmentation, teacher));

    private static float Depths(float[] judged, float[] teacher) =>
        Agreement.Of(Values(TaskKind.Depth, judged), Values(TaskKind.Depth, teacher));

    [Fact]
    public void Classes_agree_by_their_mean_overlap()
    {
        Assert.Equal(1, Classes([0, 0, 3, 3], [0, 0, 3, 3]));
        // Class 0 has one of three cells in common, class 3 one of two, class 5 none of one.
        Assert.Equal(((1 / 3f) + (1 / 2f)) / 3, Classes([0, 5, 3, 0], [0, 0, 3, 3]), 5);
        Assert.Equal(0, Classes([1, 1], [0, 0]));
        Assert.Equal(1, Classes([0, 7], [0, -1]));
        Assert.Equal(0.5f, Classes([0, -1], [0, 0]));
        Assert.Equal(0, Classes([0], [0, 0]));
        Assert.Equal(0, Classes([float.NaN, float.PositiveInfinity], [0, 1e30f]));
        Assert.Equal(0, Classes([], []));
    }

    [Fact]
    public void Depths_agree_by_their_relative_difference()
    {
        Assert.Equal(1, Depths([1, 2], [1, 2]));
        Assert.Equal(0.9f, Depths([1.1f, 1.8f], [1, 2]), 5);
        Assert.Equal(0, Depths([9, 9], [1, 2]));
        Assert.Equal(1, Depths([5, 2], [float.NaN, 2]));
        Assert.Equal(0.5f, Depths([float.NaN, 2], [1, 2]));
        Assert.Equal(1, Depths([3, 2], [0, 2]));
        Assert.Equal(0, Depths([1], [1, 1]));
    }

    [Fact]
    public void Comparing_allocates_nothing()
    {
        var map = Values(TaskKind.Segmentation, 0, 4, 2);
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => Agreement.Of(map, map)));
    }
}
