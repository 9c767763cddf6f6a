using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// A file of lines that keeps to its part of the disk: a long one goes on in a new file, the oldest are deleted, and what finds no room is
/// counted. On a consumer's thread.
/// </summary>
internal sealed class LineFile : ILineTarget
{
    /// <summary>Lines between two looks at the disk: a few seconds of one camera.</summary>
    private const int LookLines = 128;

    private readonly string _path;
    private readonly DiskConfig _disk;
    private readonly FileRing _ring;
    private readonly DiskRoom _room;
    private FileStream _file;
    private long _length, _limit;

    /// <summary>Begins the file anew. What a run before has written is kept beside it, by the time of its last line.</summary>
    /// <exception cref="IOException">It cannot be made, or what is there cannot be kept.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it.</exception>
    public LineFile(string path, DiskConfig disk, Action<string> report)
    {
        (_path, _disk, _limit) = (Path.GetFullPath(path), disk, disk.FileMegabytes * DiskConfig.Megabyte);
        string folder = Path.GetDirectoryName(_path)!;
        Directory.CreateDirectory(folder);
        KeptPath = KeepBefore(_path);
        _file = RegularFile.Create(_path);
        _ring = new FileRing(folder, n => RecordingName.IsOf(_path, n), disk, report);
        _ring.Narrow();
        _ring.Trim([_path], DateTime.UtcNow);
        _room = new DiskRoom(folder, $"the file {_path}", disk, LookLines, report);
    }

    /// <summary>Where the lines of a run before are now; null where there were none.</summary>
    public string? KeptPath { get; }

    public void Write(ReadOnlySpan<byte> line)
    {
        if (!_room.Has())
        {
            return;
        }

        try
        {
            GoOnWhenLong();
            RandomAccess.Write(_file.SafeFileHandle, line, _length);
            _length += line.Length;
            _room.Take();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Cut();
            _room.Refuse(refused.Message);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string? KeepBefore(string path)
    {
        // A link is refused when the file is made, and what is no file has no length.
        var before = new FileInfo(path);
        if (!before.Exists || before.LinkTarget is not null || before.Length == 0)
        {
            return null;
        }

        string kept = RecordingName.Free(path, before.LastWriteTimeUtc);
        before.MoveTo(kept);
        return kept;
    }

    private void GoOnWhenLong()
    {
        if (_length < _limit)
        {
            return;
        }

        // Where no new file can be made this one goes on, and the next try is as many lines away.
        _limit = _length + (_disk.FileMegabytes * DiskConfig.Megabyte);
        string path = RecordingName.Free(_path, DateTimeOffset.UtcNow);
        var next = RegularFile.Create(path);
        _file.Dispose();
        (_file, _length, _limit) = (next, 0, _disk.FileMegabytes * DiskConfig.Megabyte);
        _ring.Trim([path], DateTime.UtcNow);
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
