using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static EdgeRoute.Tests.Core.Agreement.AnswerMaker;

namespace EdgeRoute.Tests.Core.Agreement;

public sealed class AnswerAgreementTests
{
    private static readonly AnswerAgreement Agreement = new(new AgreementSettings(Limit) { TeacherThreshold = 0.3f, JudgedThreshold = 0.3f,
        DoubtBand = 0.1f, PolicyScale = 2 });

    [Fact]
    public void Detections_agree_by_F1()
    {
        var judged = Seen(0, Box(0, 0, 0.2f), Box(0.5f, 0.5f, 0.2f));
        Assert.Equal(2f / 3, Agreement.Of(judged, Seen(0, Box(0, 0, 0.2f))), 6);
        Assert.Equal(1, Agreement.Count(judged, Seen(0, Box(0, 0, 0.2f))).Hits);
    }

    [Fact]
    public void A_label_is_never_in_doubt()
    {
        Detection[] truth = [Box(0, 0, 0.2f, 0.31f)];
        Assert.Equal(0, Agreement.OfTruth(Seen(0), truth));
        Assert.Equal(1, Agreement.OfTruth(Seen(0, Box(0, 0, 0.2f)), truth));
        Assert.Equal(1, Agreement.Of(Seen(0), Seen(0, truth)));
    }

    [Fact]
    public void Classes_agree_when_the_most_probable_is_the_same()
    {
        var judged = Values(TaskKind.Classification, 0.2f, 0.5f, 0.3f);
        Assert.Equal(1, Agreement.Of(judged, Values(TaskKind.Classification, 0, 0.9f, 0.1f)));
        Assert.Equal(0, Agreement.Of(judged, Values(TaskKind.Classification, 0.6f, 0.4f, 0)));
        Assert.Equal((1f, 0f), (Agreement.OfTruth(judged, 1), Agreement.OfTruth(judged, 0)));
    }

    [Fact]
    public void The_graded_form_is_the_probability_placed_alike() =>
        Assert.Equal(0.7f,
            AnswerAgreement.Overlap(
                Values(TaskKind.Classification, 0.2f, 0.5f, 0.3f), Values(TaskKind.Classification, 0.5f, 0.4f, 0.1f)),
            6);

    [Fact]
    public void Embeddings_agree_by_direction()
    {
        var east = Values(TaskKind.Embedding, 1, 0);
        Assert.Equal(1, Agreement.Of(east, Values(TaskKind.Embedding, 5, 0)));
        Assert.Equal(0.5f, Agreement.Of(east, Values(TaskKind.Embedding, 0, 3)));
        Assert.Equal(0, Agreement.Of(east, Values(TaskKind.Embedding, -2, 0)));
        Assert.Equal(0.5f, Agreement.Of(east, Values(TaskKind.Embedding, 0, 0)));
    }

    [Fact]
    public void Actions_agree_by_their_difference_in_the_range_of_the_action()
    {
        var judged = Values(TaskKind.Policy, 0.5f, -0.5f);
        Assert.Equal(0.75f, Agreement.Of(judged, Values(TaskKind.Policy, 0, 0)), 6);
        Assert.Equal(0, Agreement.Of(judged, Values(TaskKind.Policy, 9, 9)));
        Assert.Equal(0.75f, Agreement.Of(judged, Values(TaskKind.Policy, 0, 0, 9, 9)), 6);
        Assert.Equal(0.75f, Agreement.Of(Values(TaskKind.Policy, 0, 0, 9, 9), judged), 6);
        Assert.Equal(0, Agreement.Of(judged, Values(TaskKind.Policy)));
        Assert.Equal(1, Agreement.OfTruth(judged, [0.5f, -0.5f]));
    }

    [Fact]
    public void Answers_of_different_tasks_or_lengths_do_not_agree_plans_excepted()
    {
        Assert.Equal(0, Agreement.Of(Values(TaskKind.Policy, 1), Values(TaskKind.Embedding, 1)));
        foreach (var task in new[] { TaskKind.Classification, TaskKind.Embedding, TaskKind.Policy })
        {
            Assert.Equal(task == TaskKind.Policy ? 1 : 0, Agreement.Of(Values(task, 1), Values(task, 1, 0)));
            Assert.Equal(0, Agreement.Of(Values(task), Values(task)));
        }
    }

    [Fact]
    public void A_scale_that_cannot_divide_is_refused() =>
        Assert.Throws<ArgumentException>(() => new AnswerAgreement(new AgreementSettings(Limit) { PolicyScale = 0 }));

    [Property(MaxTest = 1000)]
    public Property Equal_answers_agree_in_full() => Prop.ForAll(Arb.From(Gen.ArrayOf(Gen.Choose(-100, 100).Select(i => i / 100f), 4)),
        values =>
        new[] { TaskKind.Classification, TaskKind.Embedding,
            TaskKind.Policy }.All(t => Agreement.Of(Values(t, values), Values(t, values)) > 0.99999f));

    [Property(MaxTest = 2000)]
    public Property Agreement_is_in_the_unit_range_and_symmetric_for_any_floats()
    {
        var floats = Gen.OneOf(Gen.Elements(float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, 0f),
            Gen.Choose(-100, 100).Select(i => i / 50f));
        var vectors = Arb.From(Gen.ArrayOf(floats, 3));
        return Prop.ForAll(vectors, vectors, (a, b) => new[] { TaskKind.Classification, TaskKind.Embedding, TaskKind.Policy }.All(task =>
        {
            float one = Agreement.Of(Values(task, a), Values(task, b)), other = Agreement.Of(Values(task, b), Values(task, a));
            return one is >= 0 and <= 1 && one == other && AnswerAgreement.Overlap(Values(task, a), Values(task, b)) is >= 0 and <= 1;
        }));
    }

    [Fact]
    public void Comparing_allocates_nothing()
    {
        var judged = Seen(0, Box(0, 0, 0.2f), Box(0.5f, 0.5f, 0.2f));
        var (p, q) = (Values(TaskKind.Embedding, 1, 2), Values(TaskKind.Embedding, 2, 1));
        Agreement.Of(judged, judged);
        Agreement.Of(p, q);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Agreement.Of(judged, judged);
            Agreement.OfTruth(judged, judged.Detections);
            Agreement.Of(p, q);
            AnswerAgreement.Overlap(p, q);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
