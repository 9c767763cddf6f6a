using System.Text;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Capture;

/// <summary>
/// Frames from the pictures of a folder in the order of their names, or from one picture. JPEG stays compressed in the slot, unless EXIF
/// says that it must be turned; every other type becomes RGB, and only those allocate. A picture that cannot be read is a counted fault,
/// and the next one follows.
/// </summary>
internal sealed class PictureFolderSource : IFrameSource
{
    /// <summary>Pictures of one folder: a day at 10 a second. More names than that would be a mistake in the path.</summary>
    public const int PictureLimit = 1_000_000;

    /// <summary>Slower than this, the pause between two pictures would look like a stall.</summary>
    public const double FramesPerSecondMin = 0.5;

    /// <summary>Before files that could not be read are tried again: no descriptors, or a stick pulled out, take seconds.</summary>
    private const long RetryNs = 1_000_000_000;

    private readonly string _path;
    private readonly SourceOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<int> _pause;
    private AlignedMemory _file = AlignedMemory.Allocate(1 << 20);
    private AlignedMemory _stored = AlignedMemory.Allocate(0);
    private JpegDecoder? _jpeg;
    private string[] _names = [];
    private byte[][] _paths = [];
    private bool _isFolder;
    private string? _note, _otherName;
    private int _otherCount;
    private bool _hasToldMore;
    private int _next;
    private int _goodInPass;
    private bool _hasUnread;
    private long _deliveredCount;
    private long _dueNs;

    /// <param name="pause">Waits that many milliseconds, at most the wait of a read; null: sleeps.</param>
    public PictureFolderSource(string path, SourceOptions options, TimeProvider clock, Action<int>? pause = null)
    {
        if (options.FramesPerSecond is not 0 and (< FramesPerSecondMin or > 1000))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.FramesPerSecond, "Pictures per second must be 0 (as fast as taken) or "
                    + $"{FramesPerSecondMin}..1000.");
        }

        _path = path;
        _options = options;
        _clock = clock;
        _pause = pause ?? Thread.Sleep;
    }

    public string Description => _path;

    public bool IsLive => false;

    public bool SizesVary => true;

    public double ReadShare => _names.Length == 0 ? double.NaN : (double)_next / _names.Length;

    public SourceFault Fault { get; private set; } = SourceFault.None;

    public string? TakeNote()
    {
        string? note = _note;
        _note = null;
        return note;
    }

    public bool Open()
    {
        Fault = SourceFault.None;
        _next = 0;
        (_goodInPass, _hasUnread) = (0, false);
        _deliveredCount = 0;
        _dueNs = _clock.NowNs();
        try
        {
            ListFiles();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return Refuse($"{_path} cannot be listed: {refused.Message}");
        }

        if (_names.Length is 0 or > PictureLimit)
        {
            return Refuse(DescribeCount());
        }

        Array.Sort(_names, _paths, Comparer<string>.Create(NaturalOrder.Compare));
        _hasToldMore = false;
        _note = _otherCount == 0 ? null : $"files left out, which are not named {PictureNames.All}: {_otherCount}, such as '{_otherName}'";
        return TryLibraries();
    }

    /// <summary>The pictures of the folder, or the one that the path names; of too many, one more than may be.</summary>
    private void ListFiles()
    {
        _isFolder = Directory.Exists(_path);
        (_otherCount, _otherName) = (0, null);
        string[] found = File.Exists(_path) ? [_path] : [];
        if (_isFolder)
        {
            found = [.. Directory.EnumerateFiles(_path).Where(IsPictureOrCounted).Take(PictureLimit + 1)];
        }

        _names = Array.ConvertAll(found, f => Path.GetFileName(f));
        _paths = Array.ConvertAll(found, WholeFile.PathBytes);
        if (Array.Exists(_names, FolderNames.IsLossy))
        {
            var files = FolderNames.FilesIn(_path, PictureNames.IsPicture, PictureLimit + 1);
            byte[] folder = Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(_path) + "/");
            _names = [.. files.Select(f => FolderNames.TextOf(f))];
            _paths = [.. files.Select(f => (byte[])[.. folder, .. f, 0])];
        }
    }

    /// <summary>Other files are no loss where they are labels, and one where they are photos of a type that is not read.</summary>
    private bool IsPictureOrCounted(string path)
    {
        bool isPicture = PictureNames.IsPicture(path), isHidden = Path.GetFileName(path.AsSpan()).StartsWith(".");
        if (!isPicture && !isHidden)
        {
            _otherCount++;
            _otherName ??= Path.GetFileName(path).Replace("\n", "\\n", StringComparison.Ordinal);
        }

        return isPicture;
    }

    private string DescribeCount()
    {
        if (_names.Length > 0)
        {
            return $"{_path} has more than {PictureLimit} pictures";
        }

        return Path.Exists(_path) ? $"{_path} has no picture ({PictureNames.All})" : $"{_path} does not exist";
    }

    public ReadOutcome Read(FrameSlot slot, int waitMs, out long sourceNs)
    {
        sourceNs = -1;
        if (_next == _paths.Length && !NextPass())
        {
            return Fault.Kind == SourceFaultKind.StreamError ? ReadOutcome.Fault : ReadOutcome.End;
        }

        if (!IsDue(waitMs))
        {
            return ReadOutcome.Nothing;
        }

        int index = _next++;
        if (!TryRead(index, slot))
        {
            return ReadOutcome.Nothing;
        }

        slot.Name = _names[index];

        _goodInPass++;
        sourceNs = _options.FramesPerSecond > 0 ? (long)(_deliveredCount * 1e9 / _options.FramesPerSecond) : -1;
        _deliveredCount++;
        return ReadOutcome.Frame;
    }

    public void Close()
    {
        _jpeg?.Dispose();
        _jpeg = null;
    }

    public void Dispose()
    {
        Close();
        _file.Dispose();
        _stored.Dispose();
    }

    private bool TryLibraries()
    {
        if (JpegLibrary.TryLoad(out string reason))
        {
            _jpeg ??= JpegDecoder.Create();
            return true;
        }

        return !Array.Exists(_names, PictureNames.IsJpeg) || Refuse(reason);
    }

    /// <summary>
    /// At the end of the list: start again when looping, unless a whole pass had nothing but files that are no pictures. Files that the
    /// machine did not give may be there again.
    /// </summary>
    private bool NextPass()
    {
        bool isRetry = _goodInPass == 0 && _options.Loops && _hasUnread;
        if (_goodInPass == 0 && !isRetry)
        {
            Fault = new SourceFault(SourceFaultKind.StreamError, $"none of the {_paths.Length} pictures of {_path} can be read; the last: "
                + $"{Fault.Detail}");
            return false;
        }

        if (_options.Loops)
        {
            (_next, _goodInPass, _hasUnread) = (0, 0, false);
            _dueNs = isRetry ? _clock.NowNs() + RetryNs : _dueNs;
        }

        return _options.Loops;
    }

    private bool IsDue(int waitMs)
    {
        long nowNs = _clock.NowNs();
        if (nowNs < _dueNs)
        {
            _pause((int)Math.Min(waitMs, ((_dueNs - nowNs) / 1_000_000) + 1));
            nowNs = _clock.NowNs();
        }

        if (nowNs < _dueNs)
        {
            return false;
        }

        // A reader that was away gets no burst of pictures afterwards: the next is due one interval from now at the earliest.
        long intervalNs = _options.FramesPerSecond == 0 ? 0 : (long)(1e9 / _options.FramesPerSecond);
        _dueNs = Math.Max(_dueNs + intervalNs, nowNs);
        return true;
    }

    private bool TryRead(int index, FrameSlot slot)
    {
        try
        {
            return TryFill(index, slot);
        }
        catch (OutOfMemoryException)
        {
            // This picture's loss alone: the next may be smaller, and memory may be there again.
            _hasUnread = true;
            return NoteUnreadable(index, "there is no memory for it");
        }
    }

    private bool TryFill(int index, FrameSlot slot)
    {
        int error = WholeFile.Read(_paths[index], _file.Span, out int length);
        if (error == 0 && length > _file.LengthBytes)
        {
            AlignedMemory.Grow(ref _file, length + (length / 4));
            error = WholeFile.Read(_paths[index], _file.Span, out length);
        }

        if (error != 0)
        {
            _hasUnread |= WholeFile.MayPass(error);
            return NoteUnreadable(index, WholeFile.ErrorText(error));
        }

        var bytes = _file.Span[..Math.Min(length, _file.LengthBytes)];
        bool isJpeg = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]);
        return isJpeg ? TryFillJpeg(index, bytes, slot) : TryFillOther(index, bytes.Length, slot);
    }

    private bool TryFillJpeg(int index, ReadOnlySpan<byte> bytes, FrameSlot slot)
    {
        if (_jpeg is null || !_jpeg.TryReadHeader(bytes, out var header))
        {
            return NoteUnreadable(index, _jpeg?.ErrorText ?? "it is a JPEG, which cannot be read without libturbojpeg0");
        }

        if (header.Width > FrameLayout.SideLimit || header.Height > FrameLayout.SideLimit)
        {
            return NoteUnreadable(index, $"its {header.Width}x{header.Height} pixels are above {FrameLayout.SideLimit} a side");
        }

        var turn = new PictureTurn(ExifOrientation.Read(bytes));
        if (!turn.IsUpright)
        {
            return TryFillTurned(index, bytes, header, turn, slot);
        }

        bytes.CopyTo(slot.Prepare(FrameLayout.Compressed(header.Width, header.Height, bytes.Length)));
        return true;
    }

    /// <summary>A photo of a camera that was held on its side: what the frame's road decodes has no room for turning.</summary>
    private bool TryFillTurned(int index, ReadOnlySpan<byte> bytes, in JpegHeader header, PictureTurn turn, FrameSlot slot)
    {
        int stride = header.Width * 3, size = stride * header.Height;
        if (_stored.LengthBytes < size)
        {
            AlignedMemory.Grow(ref _stored, size);
        }

        if (!_jpeg!.TryDecodeRgb(bytes, header, 1, _stored.Span, stride))
        {
            return NoteUnreadable(index, _jpeg.ErrorText);
        }

        var (width, height) = turn.SizeOf(header.Width, header.Height);
        var layout = FrameLayout.Packed(PixelFormat.Rgb, width, height, ColorSpace.Bt601Full);
        turn.Copy(_stored.Span, header.Width, header.Height, slot.Prepare(layout));
        slot.Damage = _jpeg.IsDamaged ? _jpeg.DamageText : null;
        return true;
    }

    private bool TryFillOther(int index, int length, FrameSlot slot)
    {
        using var file = _file.OpenRead(length);
        using var picture = Pictures.TryDecode(file, out string problem);
        if (picture is null)
        {
            return NoteUnreadable(index, problem);
        }

        var (width, height) = picture.Size;
        picture.CopyTo(slot.Prepare(FrameLayout.Packed(PixelFormat.Rgb, width, height, ColorSpace.Bt601Full)));
        if (picture.HasMore && !_hasToldMore)
        {
            _hasToldMore = true;
            _note = $"{PathOf(index)} holds several pictures, such as an animation or pages; of such files the first picture is read";
        }

        return true;
    }

    /// <summary>In one line, whatever the name holds.</summary>
    private string PathOf(int index) =>
        (_isFolder ? Path.Combine(_path, _names[index]) : _path).Replace("\n", "\\n", StringComparison.Ordinal);

    private bool NoteUnreadable(int index, string reason)
    {
        Fault = new SourceFault(SourceFaultKind.UnreadablePicture, $"{PathOf(index)}: {reason}");
        return false;
    }

    private bool Refuse(string reason)
    {
        Fault = new SourceFault(SourceFaultKind.OpenFailed, reason);
        return false;
    }
}
