using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// A file of lines that keeps to its part of the disk: one that is long or old is kept beside it, by the time of its last line, and a new
/// one is begun; the oldest are deleted, and what finds no room is counted. On a consumer's thread.
/// </summary>
internal sealed class LineFile : ILineTarget
{
    /// <summary>Lines between two looks at the disk: a few seconds of one camera.</summary>
    private const int LookLines = 128;

    private readonly string _path;
    private readonly LineFileTerms _terms;
    private readonly TimeProvider _clock;
    private readonly Action<string> _report;
    private readonly FileRing _ring;
    private readonly DiskRoom _room;
    private FileStream _file;
    private long _length, _limit;
    private DateTimeOffset _start;
    private bool _isTorn;
    private volatile bool _isReopenAsked;

    /// <exception cref="IOException">It cannot be made, or what is there cannot be kept.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it.</exception>
    public LineFile(string path, LineFileTerms terms, Action<string> report, TimeProvider clock)
    {
        (_path, _terms) = (Path.GetFullPath(path), terms);
        (_clock, _report) = (clock, report);
        string folder = Path.GetDirectoryName(_path)!;
        Directory.CreateDirectory(folder);
        KeptPath = terms.GoesOn ? null : KeepBefore();
        _file = Open();
        _ring = new FileRing(folder, n => RecordingName.IsOf(_path, n), terms.Disk, report);
        _ring.Narrow();
        _ring.Trim([_path], clock.GetUtcNow().UtcDateTime);
        _room = new DiskRoom(folder, $"the file {_path}", terms.Disk, LookLines, report);
    }

    /// <summary>Where the lines of a run before are now; null where there were none.</summary>
    public string? KeptPath { get; }

    public long LostCount => _room.LostCount;

    private long LimitBytes => _terms.Disk.FileMegabytes * DiskConfig.Megabyte;

    /// <summary>
    /// Opens the path anew before the next line: what was there may have been moved away. False: it is one that begins anew with each run
    /// and is left as it is. Any thread.
    /// </summary>
    public bool Reopen() => _isReopenAsked = _terms.GoesOn;

    public void Write(ReadOnlySpan<byte> line)
    {
        if (_isReopenAsked)
        {
            _isReopenAsked = false;
            OpenAnew();
        }

        if (!_room.Has())
        {
            return;
        }

        try
        {
            GoOnWhenLongOrOld();
            // Whoever empties the file meanwhile, as a rotation by copying does, gets the next line at its start.
            _length = Math.Min(_length, RandomAccess.GetLength(_file.SafeFileHandle));
            EndTornLine();
            RandomAccess.Write(_file.SafeFileHandle, line, _length);
            _length += line.Length;
            _room.Take();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Cut();
            _room.Refuse(refused.Message);
        }
        catch (ArgumentOutOfRangeException)
        {
            // EFBIG, which .NET takes for a wrong argument.
            Cut();
            _room.Refuse("it is as large as a file may be here (LimitFSIZE= of a unit, ulimit -f of a shell).");
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _room.End();
    }

    /// <summary>Moves what the path has out of the way; null where that is nothing.</summary>
    private string? KeepBefore()
    {
        // A link is refused when the file is made, and what is no file has no length.
        var before = new FileInfo(_path);
        if (!before.Exists || before.LinkTarget is not null || before.Length == 0)
        {
            return null;
        }

        string kept = RecordingName.Free(_path, before.LastWriteTimeUtc);
        before.MoveTo(kept);
        return kept;
    }

    private FileStream Open()
    {
        var there = new FileInfo(_path);
        var start = there is { Exists: true, Length: > 0 } ? new DateTimeOffset(there.CreationTimeUtc) : _clock.GetUtcNow();
        var file = RegularFile.Append(_path);
        try
        {
            long length = RandomAccess.GetLength(file.SafeFileHandle);
            bool isTorn = IsTorn(length);
            (_start, _limit) = (start, LimitBytes);
            (_length, _isTorn) = (length, isTorn);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file ends within a line.</summary>
    private bool IsTorn(long length)
    {
        using var reader = length == 0 ? null : RegularFile.Open(_path);
        Span<byte> last = stackalloc byte[1];
        return reader is not null && RandomAccess.Read(reader, last, length - 1) == 1 && last[0] != '\n';
    }

    private void OpenAnew()
    {
        try
        {
            var next = Open();
            _file.Dispose();
            _file = next;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _report($"the file {_path} cannot be opened anew: {refused.Message} It goes on where it was.");
        }
    }

    private void GoOnWhenLongOrOld()
    {
        bool isOld = _terms.MinutesMost is { } most && _length > 0 && (_clock.GetUtcNow() - _start).TotalMinutes >= most;
        if (_length < _limit && !isOld)
        {
            return;
        }

        // Where no new file can be made this one goes on, and the next try is as many lines, or as much time, away.
        _limit = _length + LimitBytes;
        _start = _clock.GetUtcNow();
        KeepBefore();
        var next = Open();
        _file.Dispose();
        _file = next;
        _ring.Trim([_path], _clock.GetUtcNow().UtcDateTime);
    }

    /// <summary>A run that was cut off in the middle of a line leaves it without its end; the next must not go on with it.</summary>
    private void EndTornLine()
    {
        if (_isTorn)
        {
            RandomAccess.Write(_file.SafeFileHandle, "\n"u8, _length++);
            _isTorn = false;
        }
    }

    /// <summary>Part of a line may have found room.</summary>
    private void Cut()
    {
        try
        {
            RandomAccess.SetLength(_file.SafeFileHandle, _length);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The next line is written over it.
        }
    }
}

/// <summary>How a file of lines begins and ends.</summary>
/// <param name="Disk">What it and those kept of it may take.</param>
internal sealed record LineFileTerms(DiskConfig Disk)
{
    /// <summary>It goes on with what is there; else that is kept beside it, and it begins anew.</summary>
    public bool GoesOn { get; init; }

    /// <summary>When it is older than so many minutes it is kept and a new one begun; null for any age.</summary>
    public int? MinutesMost { get; init; }
}
