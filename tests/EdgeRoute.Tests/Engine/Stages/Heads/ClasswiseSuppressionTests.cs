using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Stages.Heads;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeRoute.Tests.Engine.Stages.Heads;

public sealed class ClasswiseSuppressionTests
{
    private const float Limit = 0.5f;

    /// <summary>Boxes on a coarse grid, so that many overlap much and many confidences are equal.</summary>
    public static class Boxes
    {
        public static Arbitrary<Detection[]> Detections() =>
            Arb.From(Gen.ArrayOf(
                from left in Gen.Choose(0, 6)
                from top in Gen.Choose(0, 6)
                from width in Gen.Choose(1, 4)
                from height in Gen.Choose(1, 4)
                from confidence in Gen.Choose(0, 20)
                from kind in Gen.Choose(0, 2)
                select new Detection(left / 10f, top / 10f, width / 10f, height / 10f, confidence / 20f, kind)));
    }

    private static Detection[] Suppress(Detection[] candidates)
    {
        var suppression = new ClasswiseSuppression(Limit);
        foreach (var candidate in candidates)
        {
            suppression.Add(candidate);
        }

        return suppression.Suppress().ToArray();
    }

    [Property(Arbitrary = [typeof(Boxes)])]
    public bool No_two_that_remain_are_of_one_class_and_overlap(Detection[] candidates)
    {
        var kept = Suppress(candidates);
        return kept.SelectMany((a, i) => kept.Skip(i + 1).Select(b => (a, b)))
            .All(p => p.a.ClassIndex != p.b.ClassIndex || p.a.OverlapWith(p.b) <= Limit);
    }

    [Property(Arbitrary = [typeof(Boxes)])]
    public bool What_goes_is_covered_by_a_surer_one_that_remains(Detection[] candidates)
    {
        var kept = Suppress(candidates);
        return candidates.All(c =>
            kept.Contains(c) || kept.Any(k => k.ClassIndex == c.ClassIndex && k.Confidence >= c.Confidence && k.OverlapWith(c) > Limit));
    }

    [Property(Arbitrary = [typeof(Boxes)])]
    public bool The_surest_come_first_and_equals_keep_their_order(Detection[] candidates)
    {
        var kept = Suppress(candidates);
        var places = kept.Select(k => Array.IndexOf(candidates, k)).ToArray();
        return Enumerable.Range(1, Math.Max(0, kept.Length - 1)).All(i =>
            kept[i - 1].Confidence > kept[i].Confidence || (kept[i - 1].Confidence == kept[i].Confidence && places[i - 1] < places[i]));
    }

    [Property(Arbitrary = [typeof(Boxes)])]
    public bool Doing_it_again_changes_nothing(Detection[] candidates)
    {
        var kept = Suppress(candidates);
        return kept.SequenceEqual(Suppress(kept));
    }

    [Property(Arbitrary = [typeof(Boxes)])]
    public bool Classes_do_not_touch_each_other(Detection[] candidates) =>
        Suppress(candidates).Where(d => d.ClassIndex == 1).SequenceEqual(Suppress([.. candidates.Where(d => d.ClassIndex == 1)]));

    [Fact]
    public void Too_many_candidates_lose_the_least_sure_and_are_counted()
    {
        var suppression = new ClasswiseSuppression(Limit);
        for (int i = 0; i < ClasswiseSuppression.CandidateLimit + 10; i++)
        {
            suppression.Add(new Detection(i / 2000f, 0, 0.0001f, 0.1f, (i * 7919 % 2003) / 2003f, 0));
        }

        var kept = suppression.Suppress().ToArray();
        Assert.Equal(ClasswiseSuppression.CandidateLimit / 2, suppression.OverflowCount);
        Assert.Equal((ClasswiseSuppression.CandidateLimit / 2) + 10, kept.Length);
        var first = Enumerable.Range(0, ClasswiseSuppression.CandidateLimit).Select(i => (i * 7919 % 2003) / 2003f).OrderDescending();
        Assert.All(first.Take(ClasswiseSuppression.CandidateLimit / 2), c => Assert.Contains(kept, k => k.Confidence == c));
        suppression.Clear();
        Assert.Equal(0, suppression.Suppress().Length);
    }
}
