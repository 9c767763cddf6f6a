using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Agreement;

public sealed class DetectionMatchTests
{
    private static readonly AgreementSettings Strict = new(Limit) { TeacherThreshold = 0.3f, JudgedThreshold = 0.4f };
    private static readonly AgreementSettings Banded = Strict with { DoubtBand = 0.1f };

    /// <summary>In doubt for both sides by <see cref="Banded"/>, and sure for neither.</summary>
    private const float Doubtful = 0.35f;

    [Fact]
    public void Nothing_on_both_sides_agrees_and_something_on_one_does_not()
    {
        Assert.Equal(1, F1(Strict, [], []));
        Assert.Equal(0, F1(Strict, [Box(0, 0, 0.5f)], []));
        Assert.Equal(0, F1(Strict, [], [Box(0, 0, 0.5f)]));
    }

    [Fact]
    public void Counts_hits_missed_and_false()
    {
        Detection[] judged = [Box(0, 0, 0.2f), Box(0.5f, 0.5f, 0.2f, 0.8f)];
        Detection[] teacher = [Box(0.01f, 0, 0.2f), Box(0, 0.7f, 0.2f), Box(0.7f, 0, 0.2f)];
        var counts = Count(Strict, judged, teacher);
        Assert.Equal(new DetectionCounts(1, 2, 1, 0), counts);
        Assert.Equal(2f / 5, counts.F1, 6);
        Assert.Equal(new DetectionCounts(2, 4, 2, 0), counts + counts);
    }

    [Fact]
    public void Another_class_is_no_match() => Assert.Equal(0, F1(Strict, [Box(0, 0, 0.2f, 0.9f, 1)], [Box(0, 0, 0.2f, 0.9f, 2)]));

    [Theory]
    [InlineData(0.32f, 1)]
    [InlineData(0.34f, 0)]
    public void Half_an_overlap_decides(float moved, float expected) => Assert.Equal(expected,
        F1(Strict, [Box(moved, 0, 1)], [Box(0, 0, 1)]));

    [Fact]
    public void Each_is_matched_once_and_the_surer_one_chooses_first()
    {
        Detection[] twice = [Box(0.02f, 0, 0.2f, 0.5f), Box(0, 0, 0.2f, 0.9f)];
        Assert.Equal(new DetectionCounts(1, 0, 1, 0), Count(Strict, twice, [Box(0, 0, 0.2f)]));
        // The surer judged one takes the teacher's first box, though the other judged one fits it better; the second is left for the other.
        Detection[] judged = [Box(0.03f, 0, 0.2f, 0.9f), Box(0.04f, 0, 0.2f, 0.5f)];
        Assert.Equal(new DetectionCounts(2, 0, 0, 0), Count(Strict, judged, [Box(0.04f, 0, 0.2f), Box(0.06f, 0, 0.2f)]));
    }

    [Fact]
    public void A_teachers_detection_in_doubt_is_neither_missed_nor_makes_a_match_count()
    {
        Detection[] doubtful = [Box(0, 0, 0.2f, Doubtful)];
        Assert.Equal(new DetectionCounts(0, 0, 0, 1), Count(Banded, [], doubtful));
        Assert.Equal(new DetectionCounts(0, 0, 0, 2), Count(Banded, [Box(0, 0, 0.2f)], doubtful));
        Assert.Equal(1, F1(Banded, [], doubtful));
        Assert.Equal(0, F1(Strict, [], doubtful));
    }

    [Fact]
    public void A_judged_detection_in_doubt_is_not_false_yet_can_be_a_hit()
    {
        Detection[] doubtful = [Box(0, 0, 0.2f, 0.45f)];
        Assert.Equal(new DetectionCounts(0, 0, 0, 1), Count(Banded, doubtful, []));
        Assert.Equal(new DetectionCounts(1, 0, 0, 0), Count(Banded, doubtful, [Box(0, 0, 0.2f)]));
        Assert.Equal(new DetectionCounts(0, 0, 1, 0), Count(Strict, doubtful, []));
        Assert.Equal(new DetectionCounts(0, 0, 1, 0), Count(Banded with { JudgedThreshold = float.NegativeInfinity }, doubtful, []));
    }

    [Fact]
    public void A_sure_detection_of_the_teacher_is_matched_before_one_in_doubt()
    {
        // The one in doubt overlaps more, but the sure one must not be left as missed.
        Detection[] teacher = [Box(0, 0, 0.2f, Doubtful), Box(0.03f, 0, 0.2f)];
        Assert.Equal(new DetectionCounts(1, 0, 0, 1), Count(Banded, [Box(0, 0, 0.2f)], teacher));
    }

    [Fact]
    public void A_wide_band_does_not_hide_a_missed_sure_detection() => Assert.Equal(0,
        F1(Strict with { DoubtBand = 0.5f }, [], [Box(0, 0, 0.2f, 0.85f)]));

    [Fact]
    public void More_detections_than_made_for_are_refused_with_both_numbers()
    {
        var many = new Detection[Limit + 1];
        string said = Assert.Throws<ArgumentException>(() => Count(Strict, many, [])).Message;
        Assert.Contains($"{Limit + 1}", said);
        Assert.Contains($"{Limit}", said);
    }

    [Property(MaxTest = 1000)]
    public Property Equal_sets_agree_in_full_by_any_band() => Prop.ForAll(Arb.From(BoxSets()), Arb.From(Gen.Choose(0, 10)), (boxes, band) =>
        F1(Strict with { DoubtBand = band / 10f }, boxes, boxes) == 1);

    /// <summary>Where boxes of a side do not overlap one another, no judged box can choose between two, nor two choose one.</summary>
    [Property(MaxTest = 1000)]
    public Property Strict_agreement_is_symmetric_where_matching_is_unambiguous() => Prop.ForAll(Arb.From(Scattered()),
        Arb.From(Scattered()), (a, b) =>
        F1(Strict, a, b) == F1(Strict, b, a));

    [Property(MaxTest = 2000)]
    public Property Agreement_is_in_the_unit_range_for_any_floats() => Prop.ForAll(Arb.From(AnyBoxes()), Arb.From(AnyBoxes()), (a, b) =>
        F1(Strict, a, b) is >= 0 and <= 1 && F1(Banded, a, b) is >= 0 and <= 1);

    private static Gen<Detection[]> BoxSets() => Gen.ArrayOf(
        from x in Gen.Choose(0, 80) from y in Gen.Choose(0, 80) from side in Gen.Choose(1, 20)
        from sure in Gen.Choose(30, 100) from c in Gen.Choose(0, 2)
        select Box(x / 100f, y / 100f, side / 100f, sure / 100f, c), Limit);

    private static Gen<Detection[]> Scattered() => Gen.ArrayOf(
        from isThere in Gen.Choose(0, 1) from jitter in Gen.Choose(0, 10)
        from sure in Gen.Choose(30, 100) from c in Gen.Choose(0, 1)
        select (isThere, jitter, sure, c), Limit)
        .Select(cells => cells.Select((x, i) => (x, i)).Where(p => p.x.isThere > 0)
            .Select(p => Box((p.i / (float)Limit) + (p.x.jitter / 1000f), 0.1f, 0.1f, p.x.sure / 100f, p.x.c)).ToArray());

    private static Gen<Detection[]> AnyBoxes()
    {
        var floats = Gen.OneOf(Gen.Elements(float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -1f),
            Gen.Choose(0, 100).Select(i => i / 100f));
        return Gen.ArrayOf(
            from a in Gen.ArrayOf(floats, 5) from c in Gen.Choose(-1, 1)
            select new Detection(a[0], a[1], a[2], a[3], a[4], c), 4);
    }

    private static DetectionCounts Count(AgreementSettings settings, Detection[] judged, Detection[] teacher) =>
        new DetectionMatch(settings).Count(judged, teacher);

    private static float F1(AgreementSettings settings, Detection[] judged, Detection[] teacher) => Count(settings, judged, teacher).F1;
}
