using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Stages;
using Xunit.Abstractions;

namespace EdgeRoute.Tests.Engine.Stages;

/// <summary>Real models on real pictures: that preprocessing, session and head together see what is there.</summary>
public sealed class RealModelTests(ITestOutputHelper output)
{
    private static Pack Read(string name) => PackReader.Read(TestPlaces.Fixture("packs", name), TestPlaces.NeedData());

    [SkippableTheory]
    [MemberData(nameof(EdgeRoute.Tests.Documents.Packs.FixturePackTests.Names),
        MemberType = typeof(EdgeRoute.Tests.Documents.Packs.FixturePackTests))]
    public void The_real_sessions_are_as_the_manifests_say(string name)
    {
        var pack = Read(name);
        Assert.Empty(PackSessionCheck.FindProblems(pack, StageSession.Tensors(pack)));
    }

    /// <summary>
    /// Least average precision at overlap 0.5 on the 128 COCO pictures, confidence above 0.05, suppression at 0.6: two points below what an
    /// independent decoding (OpenCV resize, NumPy) reaches, which sees the pixels a little differently.
    /// </summary>
    [SkippableTheory]
    [InlineData("coco-fastestdet-yolox", "light", 0.33)]
    [InlineData("coco-fastestdet-yolox", "heavy", 0.46)]
    [InlineData("coco-fastestdet-picodet", "heavy", 0.51)]
    [InlineData("coco-picodet-320", "main", 0.44)]
    [InlineData("coco-nanodet", "main", 0.42)]
    public void A_detector_finds_what_is_labelled(string packName, string stageName, double least)
    {
        double found = Precision(packName, stageName, onlyClass: -1);
        Assert.True(found >= least, $"average precision {found:F4} is below {least}");
    }

    [SkippableFact]
    public void The_person_detector_finds_people()
    {
        double found = Precision("person-yolox-192", "main", onlyClass: 0);
        Assert.True(found >= 0.42, $"average precision {found:F4} is below 0.42");
    }

    /// <summary>One picture per class for every second class; the class index begins the file's name.</summary>
    [SkippableTheory]
    [InlineData("heavy", 0.82)]
    [InlineData("light", 0.55)]
    public void A_classifier_names_what_is_shown(string stageName, double least)
    {
        var stage = Read("imagenet-squeezenet-vit").Stages.Single(s => s.Name == stageName);
        string[] pictures = Directory.GetFiles(TestPlaces.NeedData("imagenet-samples"));
        using var session = new StageSession(stage, stage.Exit!);
        int right = 0;
        foreach (string picture in pictures)
        {
            session.Run(picture);
            right += session.Answer.TopIndex == int.Parse(Path.GetFileName(picture)[..3], null) ? 1 : 0;
        }

        double share = right / (double)pictures.Length;
        output.WriteLine($"{stageName}: top-1 {share:P1} of {pictures.Length}");
        Assert.True(share >= least, $"top-1 {share:P1} is below {least:P1}");
    }

    [SkippableFact]
    public void A_policy_gives_its_two_values()
    {
        var stage = Read("dronet-policy").Stages[0];
        using var session = new StageSession(stage, stage.Exit!);
        session.Run(Directory.GetFiles(TestPlaces.NeedData("coco-val", "images")).Order(StringComparer.Ordinal).First());
        Assert.Equal(2, session.Answer.ValueCount);
        Assert.InRange(session.Answer.Values[1], 0, 1);
    }

    private double Precision(string packName, string stageName, int onlyClass)
    {
        var stage = Read(packName).Stages.Single(s => s.Name == stageName);
        var exit = stage.Exit! with { Detection = new DetectionSettings(Threshold: 0.05f, DoubtFloor: 0.05f, NmsOverlap: 0.6f,
            Limit: 1000) };
        string labels = TestPlaces.NeedData("coco-val", "labels");
        using var session = new StageSession(stage, exit);
        var pictures = new List<AveragePrecision.Picture>();
        foreach (string path in Directory.GetFiles(TestPlaces.NeedData("coco-val", "images"), "*.jpg"))
        {
            session.Run(path);
            var truth = AveragePrecision.ReadLabels(Path.Combine(labels, Path.GetFileNameWithoutExtension(path) + ".txt"));
            pictures.Add(new([.. truth.Where(t => onlyClass < 0 || t.ClassIndex == onlyClass)], session.Answer.Detections.ToArray()));
        }

        double found = AveragePrecision.At(0.5, pictures);
        output.WriteLine($"{packName} {stageName}: AP50 {found:F4}, AP75 {AveragePrecision.At(0.75, pictures):F4} on "
            + $"{pictures.Count} pictures");
        return found;
    }
}
