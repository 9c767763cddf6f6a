using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Outputs;

/// <summary>Frames kept for a human's label, held to their part of the disk.</summary>
public sealed class LabelFolderTests : IDisposable
{
    private const string Header = "file,event,path,predicted_gain,observed_gain";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Pictures_beyond_size_or_age_are_deleted_with_their_lines()
    {
        string[] old = ["front-00000001.jpg", "front-00000002.jpg"];
        foreach (string name in old)
        {
            File.SetLastWriteTimeUtc(_folder.Write(name, "old"), DateTime.UtcNow.AddDays(-40));
        }

        _folder.Write("other-00000001.jpg", "another source's");
        File.SetLastWriteTimeUtc(_folder.File("other-00000001.jpg"), DateTime.UtcNow.AddDays(-40));
        var lines = old.Append("other-00000001.jpg").Select(n => $"{n},kept,light,0.5,0.9");
        _folder.Write("index.csv", string.Join('\n', [Header, .. lines, ""]));
        using (var labels = Make(DiskConfig.Usual with { FreeMegabytes = 0 }))
        {
            Keep(labels, sequence: 7);
        }

        Assert.Equal(["front-00000007.jpg", "index.csv", "other-00000001.jpg"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        string[] left = File.ReadAllLines(_folder.File("index.csv"));
        Assert.Equal(Header, left[0]);
        Assert.Equal(["other-00000001.jpg", "front-00000007.jpg"], left[1..].Select(l => l.Split(',')[0]));
        Assert.Contains("deleted 2 files", _told[^1], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void On_a_disk_that_is_nearly_full_none_is_kept_and_that_is_told_once()
    {
        using (var labels = Make(DiskConfig.Usual with { FreeMegabytes = 100_000_000 }))
        {
            Keep(labels, sequence: 7);
            Keep(labels, sequence: 8);
        }

        Assert.Equal([_folder.File("index.csv")], Directory.GetFiles(_folder.Path));
        Assert.Equal(2, _told.Count);
        Assert.Contains("pauses", _told[0], StringComparison.Ordinal);
        Assert.EndsWith("ends without going on; 2 were lost", _told[1], StringComparison.Ordinal);
    }

    private LabelFolder Make(DiskConfig disk) => new(_folder.Path, "front", PublishSamples.Tree(), 100, disk, _told.Add);

    private static void Keep(LabelFolder labels, long sequence)
    {
        var record = PublishSamples.Record(PublishSamples.Tree(), "light", FrameEnd.Exited, 5);
        record.Stamp = new FrameStamp(0, sequence, sequence, sequence);
        record.AuditLoss = 0.5f;
        ref var decision = ref record.Decisions[record.DecisionCount - 1];
        decision.Values[decision.OptionIndex] = decision.Values[decision.OptionIndex] with { Gain = 0.9f };
        using var slot = new FrameSlot();
        var layout = FrameLayout.Packed(PixelFormat.Rgb, 16, 16);
        slot.Prepare(layout);
        slot.Commit(record.Stamp);
        using var copy = new PublishedCopy(new Answer(TaskKind.Detection, 4, 4));
        copy.Take(new PublishedFrame(0, slot, new Answer(TaskKind.Detection, 4, 4), in record), withPixels: true);
        labels.Write(copy);
    }
}
