using System.Text.Json;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Simulation.Scripted;

namespace EdgeRoute.Tests.ControlChannel.Journal;

public sealed class JournalFileTests
{
    [Fact]
    public void Entries_are_read_back_and_numbers_go_on()
    {
        using var folder = new TemporaryFolder();
        using (var journal = new JournalFile(folder.Path, new ScriptedClock(500)))
        {
            Assert.Equal(1, journal.Note(Entry("a")));
            Assert.Equal(2, journal.Note(Entry("b")));
        }

        using var again = new JournalFile(folder.Path);
        Assert.Null(again.Complaint);
        var first = again.Recent()[0];
        Assert.Equal((1, 500, "a", "price", "none", "0.01"), ((int)first.Number, (int)first.UtcNs, first.Who, first.Differences[0].Name,
            first.Differences[0].Before, first.Differences[0].After));
        Assert.Equal(3, again.Note(Entry("c")));
        Assert.Equal(3, File.ReadAllLines(folder.File(JournalFile.FileName)).Length);
    }

    [Fact]
    public void Only_the_latest_are_remembered()
    {
        using var folder = new TemporaryFolder();
        using var journal = new JournalFile(null);
        Enumerable.Range(0, JournalFile.RecentCount + 5).ToList().ForEach(_ => journal.Note(Entry("a")));
        Assert.Equal((JournalFile.RecentCount, 6L), (journal.Recent().Count, journal.Recent()[0].Number));
    }

    [Fact]
    public void A_torn_last_line_is_kept_aside()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(JournalFile.FileName);
        using (var journal = new JournalFile(folder.Path))
        {
            journal.Note(Entry("a"));
            journal.Note(Entry("b"));
        }

        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^9]);
        using var again = new JournalFile(folder.Path);
        Assert.Contains("cut short", again.Complaint, StringComparison.Ordinal);
        Assert.Equal(2, again.Note(Entry("c")));
        Assert.Equal(["a", "c"], again.Recent().Select(e => e.Who));
        Assert.Contains("\"b\"", File.ReadAllText(folder.File("journal.jsonl.torn-2")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_is_no_journal_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        folder.Write(JournalFile.FileName, "hello\n{\"number\":41}\nnull\n");
        using var journal = new JournalFile(folder.Path);
        Assert.Contains("2 lines", journal.Complaint, StringComparison.Ordinal);
        Assert.Equal(42, journal.Note(Entry("a")));
    }

    [Fact]
    public void A_change_is_written_down_before_it_is_made_and_its_end_has_the_same_number()
    {
        using var folder = new TemporaryFolder();
        using (var journal = new JournalFile(folder.Path))
        {
            var entry = Entry("a");
            journal.Intend(entry);
            Assert.Contains("intended: applied", File.ReadAllText(folder.File(JournalFile.FileName)), StringComparison.Ordinal);
            Assert.Equal(1, journal.Conclude(entry, "applied"));
            journal.Intend(Entry("b"));
        }

        using var again = new JournalFile(folder.Path);
        Assert.Equal([(1, "applied"), (2, "intended: applied")], again.Recent().Select(e => ((int)e.Number, e.Outcome)));
    }

    [Fact]
    public void A_long_journal_is_put_aside_by_its_time_and_few_are_kept()
    {
        using var folder = new TemporaryFolder();
        string full = new('x', (int)JournalFile.FileBytes);
        for (int i = 0; i < JournalFile.AsideCount + 3; i++)
        {
            using var journal = new JournalFile(folder.Path, new ScriptedClock(i * 1_000_000_000L));
            journal.Note(new JournalEntry { Who = full });
            journal.Note(Entry($"after{i}"));
        }

        Assert.Equal(JournalFile.AsideCount, Directory.GetFiles(folder.Path, "journal-*Z.jsonl").Length);
        Assert.True(new FileInfo(folder.File(JournalFile.FileName)).Length < JournalFile.FileBytes);
    }

    [Fact]
    public void A_long_journal_that_cannot_begin_anew_refuses_changes_and_notes_until_it_can()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(JournalFile.FileName);
        using var journal = new JournalFile(folder.Path);
        journal.Note(new JournalEntry { Who = new('x', (int)JournalFile.FileBytes) });
        // Something that no file can be opened over.
        File.Move(path, path + ".old");
        Directory.CreateDirectory(path);
        Assert.Equal(2, journal.Note(Entry("waits")));
        Assert.ThrowsAny<IOException>(() => journal.Intend(Entry("refused")));
        Directory.Delete(path);
        Assert.Equal(3, journal.Note(Entry("goes on")));
        Assert.Equal(["waits", "goes on"],
            File.ReadLines(path).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("who").GetString()));
        journal.Dispose();
        Assert.Equal(4, journal.Note(Entry("after the end")));
    }

    private static JournalEntry Entry(string who) =>
        new() { Who = who, Method = "change", Differences = [new SettingDifference { Name = "price", Before = "none", After = "0.01" }],
            Outcome = "applied" };
}
