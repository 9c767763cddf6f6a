using System.IO.Pipes;
using System.Text;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Simulation.Scripted;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class LineFileTests : IDisposable
{
    private static readonly DiskConfig Small = new(KeepMegabytes: 2, KeepDays: 30, FileMegabytes: 1, FreeMegabytes: 0);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    private string Asked => _folder.File("answers.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_long_file_is_kept_beside_a_new_one_and_the_oldest_are_deleted()
    {
        byte[] line = [.. Encoding.UTF8.GetBytes(new string('x', 999)), (byte)'\n'];
        using (var file = Begin(Small))
        {
            for (int i = 0; i < 5000; i++)
            {
                file.Write(line);
            }
        }

        string[] files = Directory.GetFiles(_folder.Path);
        Assert.InRange(files.Length, 2, 4);
        Assert.Contains(Asked, files);
        Assert.True(files.Sum(f => new FileInfo(f).Length) <= 4 * DiskConfig.Megabyte);
        Assert.All(files, f => Assert.All(File.ReadLines(f), l => Assert.Equal(999, l.Length)));
        Assert.Contains(_told, t => t.Contains("deleted ", StringComparison.Ordinal));
    }

    [Fact]
    public void It_begins_anew_beside_what_was_there_and_old_files_of_its_name_are_closed_to_others()
    {
        string old = _folder.Write("answers-20260102T030405678Z.jsonl", "old\n"), other = _folder.Write("other.jsonl", "other\n");
        _folder.Write("answers.jsonl", "before\n");
        FileModes.Set(old, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        FileModes.Set(other, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var yesterday = DateTime.UtcNow.Date.AddHours(-5);
        string kept = _folder.File($"answers-{yesterday:yyyyMMdd'T'HHmmssfff'Z'}.jsonl");
        File.SetLastWriteTimeUtc(Asked, yesterday);
        using (var file = Begin(DiskConfig.Usual with { FreeMegabytes = 0 }))
        {
            file.Write("new\n"u8);
            Assert.Equal(kept, file.KeptPath);
        }

        Assert.Equal("new\n", File.ReadAllText(Asked));
        Assert.Equal("before\n", File.ReadAllText(kept));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, FileModes.Of(old));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.OtherRead, FileModes.Of(other));
        Assert.Contains("were open to others", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_disk_that_is_nearly_full_it_pauses_and_says_so_once()
    {
        using (var file = Begin(DiskConfig.Usual with { FreeMegabytes = 100_000_000 }))
        {
            for (int i = 0; i < 1000; i++)
            {
                file.Write("line\n"u8);
            }
        }

        Assert.Equal(0, new FileInfo(Asked).Length);
        Assert.Equal(2, _told.Count);
        Assert.Contains("pauses", _told[0], StringComparison.Ordinal);
        Assert.EndsWith("ends without going on; 1000 were lost", _told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_gone_on_with()
    {
        _folder.Write("answers.jsonl", "");
        using (var file = Begin(DiskConfig.Usual with { FreeMegabytes = 0 }))
        {
            Assert.Null(file.KeptPath);
        }

        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void One_that_goes_on_appends_and_ends_a_line_that_was_cut_off()
    {
        _folder.Write("answers.jsonl", "before\ntorn");
        using (var file = GoOn())
        {
            file.Write("after\n"u8);
        }

        Assert.Equal("before\ntorn\nafter\n", File.ReadAllText(Asked));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void An_old_file_is_kept_beside_a_new_one()
    {
        var clock = new ScriptedClock(1_767_225_600_000_000_000);
        using (var file = GoOn(minutesMost: 60, clock: clock))
        {
            file.Write("first\n"u8);
            clock.AdvanceMs(59 * 60_000);
            file.Write("second\n"u8);
            clock.AdvanceMs(60_000);
            file.Write("third\n"u8);
        }

        Assert.Equal("third\n", File.ReadAllText(Asked));
        string kept = Assert.Single(Directory.GetFiles(_folder.Path), f => f != Asked);
        Assert.Equal("first\nsecond\n", File.ReadAllText(kept));
    }

    [Fact]
    public void A_file_that_was_moved_away_is_begun_anew_when_it_is_to_be_opened_again()
    {
        string moved = _folder.File("moved");
        using (var file = GoOn())
        {
            file.Write("first\n"u8);
            File.Move(Asked, moved);
            file.Write("second\n"u8);
            Assert.True(file.Reopen());
            file.Write("third\n"u8);
        }

        Assert.Equal(("first\nsecond\n", "third\n"), (File.ReadAllText(moved), File.ReadAllText(Asked)));
        using var anew = Begin(Small);
        Assert.False(anew.Reopen());
    }

    [Fact]
    public void Where_it_cannot_be_opened_again_it_goes_on_where_it_was_and_says_so()
    {
        string moved = _folder.File("moved");
        using (var file = GoOn())
        {
            file.Write("first\n"u8);
            File.Move(Asked, moved);
            File.CreateSymbolicLink(Asked, moved);
            file.Reopen();
            file.Write("second\n"u8);
        }

        Assert.Equal("first\nsecond\n", File.ReadAllText(moved));
        Assert.Contains("cannot be opened anew", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_somebody_empties_goes_on_at_its_start()
    {
        using (var file = GoOn())
        {
            file.Write("first\n"u8);
            using (var emptied = new FileStream(Asked, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                emptied.SetLength(0);
            }

            file.Write("second\n"u8);
        }

        Assert.Equal("second\n", File.ReadAllText(Asked));
    }

    [SkippableFact]
    public void A_reader_gets_whole_lines_and_once_it_has_gone_the_rest_is_counted()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a pipe of Linux is needed");
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        using var output = new OutputDescriptor(File.OpenHandle($"/proc/self/fd/{reader.GetClientHandleAsString()}", FileMode.Open,
            FileAccess.Write, FileShare.ReadWrite));
        reader.DisposeLocalCopyOfClientHandle();
        using (var pipe = new LinePipe(output, "standard output", _told.Add))
        {
            pipe.Write("one line\n"u8);
            byte[] read = new byte[9];
            reader.ReadExactly(read);
            Assert.Equal("one line\n", Encoding.UTF8.GetString(read));
            reader.Dispose();
            pipe.Write("lost\n"u8);
            pipe.Write("lost too\n"u8);
            Assert.Equal(2, pipe.LostCount);
        }

        Assert.Equal(2, _told.Count);
        Assert.StartsWith("standard output takes no more answers", _told[0], StringComparison.Ordinal);
        Assert.Equal("answers that did not reach standard output: 2", _told[1]);
    }

    [SkippableFact]
    public void A_device_takes_lines_and_one_that_fails_is_told_apart_from_a_reader_that_has_gone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "devices of Linux are needed");
        File.CreateSymbolicLink(_folder.File("link"), "/dev/null");
        Assert.Null(OutputDescriptor.TryOpen(_folder.File("link")));
        Assert.Null(OutputDescriptor.TryOpen(_folder.File("nothing")));
        Assert.Null(OutputDescriptor.TryOpen(_folder.Path));
        Assert.Equal((false, 0L), WriteTo("/dev/null"));
        Assert.Equal((true, 2L), WriteTo("/dev/full"));
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        string pipe = $"/dev/fd/{reader.GetClientHandleAsString()}";
        Assert.Equal((false, 0L), WriteTo(pipe));
        using var gone = OutputDescriptor.TryOpen(pipe)!;
        reader.DisposeLocalCopyOfClientHandle();
        reader.Dispose();
        using var lines = new LinePipe(gone, "a pipe", _told.Add);
        lines.Write("lost\n"u8);
        Assert.Equal((false, 1L), (lines.HasFailed, lines.LostCount));

        (bool, long) WriteTo(string path)
        {
            using var output = OutputDescriptor.TryOpen(path)!;
            using var target = new LinePipe(output, path, _told.Add);
            target.Write("one\n"u8);
            target.Write("two\n"u8);
            return (target.HasFailed, target.LostCount);
        }
    }

    [Fact]
    public void A_link_in_its_place_is_not_followed()
    {
        File.CreateSymbolicLink(Asked, _folder.Write("victim", "victim"));
        Assert.Throws<IOException>(() => Begin(Small));
        Assert.Equal("victim", File.ReadAllText(_folder.File("victim")));
    }

    [Theory]
    [InlineData(511, false, true)]
    [InlineData(512, false, false)]
    [InlineData(512, true, true)]
    [InlineData(576, true, false)]
    public void Some_more_must_be_free_to_go_on(long freeMegabytes, bool wasLow, bool isLow) =>
        Assert.Equal(isLow, DiskRoom.IsLow(freeMegabytes * DiskConfig.Megabyte, DiskConfig.Usual, wasLow));

    [Fact]
    public void What_a_disk_refuses_is_counted_and_told_once_each_way()
    {
        var room = new DiskRoom(_folder.Path, "the file x", DiskConfig.Usual with { FreeMegabytes = 0 }, 1, _told.Add);
        room.Take();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(room.Has());
            room.Refuse("No space left.");
        }

        room.Take();
        room.Take();
        room.End();
        Assert.Equal(3, room.LostCount);
        Assert.Equal(["the file x cannot be written: No space left. What comes is counted until it can.",
            "the file x goes on; 3 were lost meanwhile"], _told);
    }

    private LineFile Begin(DiskConfig disk) => new(Asked, new LineFileTerms(disk), _told.Add, TimeProvider.System);

    private LineFile GoOn(int? minutesMost = null, TimeProvider? clock = null) =>
        new(Asked, new LineFileTerms(DiskConfig.Usual with { FreeMegabytes = 0 }) { GoesOn = true, MinutesMost = minutesMost }, _told.Add,
            clock ?? TimeProvider.System);
}
