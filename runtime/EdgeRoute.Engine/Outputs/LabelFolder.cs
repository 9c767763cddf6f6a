using System.Globalization;
using System.Text;
using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Keeps the audited frames that a human's label would teach most, at most so many per hour of source time: a JPEG each, and
/// <c>index.csv</c> with why. A frame that gives way to a more doubtful one is deleted, and its line says so; beyond its part of the disk
/// the oldest are deleted with their lines. On a consumer's thread.
/// </summary>
internal sealed class LabelFolder : IDisposable
{
    private const long HourNs = 3_600_000_000_000;

    /// <summary>Pictures between two looks at what is too much.</summary>
    private const int TrimFrames = 50;

    private const string Header = "file,event,path,predicted_gain,observed_gain\n";

    private static readonly Lock IndexGate = new();

    private readonly string _folder;
    private readonly string _sourceName;
    private readonly RouteTree _tree;
    private readonly LabelShortlist _shortlist;
    private readonly FrameCompressor _compressor = new();
    private readonly FileRing _ring;
    private readonly DiskRoom _room;
    private int _untilTrim;

    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public LabelFolder(string folder, string sourceName, RouteTree tree, int framesPerHour, DiskConfig disk, Action<string> report)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _sourceName = sourceName;
        _tree = tree;
        _shortlist = new LabelShortlist(framesPerHour, HourNs);
        _ring = new FileRing(_folder, IsOwn, disk, report);
        _room = new DiskRoom(_folder, $"the frames to label in {_folder}", disk, lookEvery: 0, report);

        // Whether it can be written at all is told at start; for room on its disk it waits.
        RegularFile.Append(IndexOf(_folder)).Dispose();
        _ring.Narrow();
        Trim();
    }

    /// <summary>The file of reasons in such a folder.</summary>
    public static string IndexOf(string folder) => Path.Combine(folder, "index.csv");

    public void Write(PublishedCopy frame)
    {
        if (!_room.Has())
        {
            return;
        }

        try
        {
            if (TryKeep(frame))
            {
                _room.Take();
            }
        }
        catch (IOException refused) when (refused is not (DirectoryNotFoundException or FileNotFoundException))
        {
            _room.Refuse(refused.Message);
        }
    }

    public void Dispose()
    {
        _compressor.Dispose();
        _room.End();
    }

    private bool TryKeep(PublishedCopy frame)
    {
        ref readonly var record = ref frame.Record;
        var decision = record.Decisions[Math.Max(record.DecisionCount - 1, 0)];
        float predicted = decision.Values[decision.OptionIndex].Gain, observed = 1 - record.AuditLoss;
        var outcome = _shortlist.Offer(record.Stamp, predicted, observed);
        if (!outcome.IsKept)
        {
            return false;
        }

        if (outcome.HasReplaced)
        {
            string old = NameOf(outcome.Replaced.Stamp.Sequence);
            File.Delete(Path.Combine(_folder, old));
            Note($"{old},dropped,,,\n");
        }

        string name = NameOf(record.Stamp.Sequence);
        using (var file = RegularFile.Create(Path.Combine(_folder, name)))
        {
            file.Write(_compressor.Compress(frame.Slot.Layout, frame.Slot.Bytes));
        }

        Note(string.Create(CultureInfo.InvariantCulture,
            $"{name},kept,{DecisionText.PathOf(_tree, record)},{predicted:0.###},{observed:0.###}\n"));
        if (_untilTrim-- <= 0)
        {
            Trim();
        }

        return true;
    }

    /// <summary>Opened for each line, because the sources of one folder share the file.</summary>
    private void Note(string lines)
    {
        lock (IndexGate)
        {
            using var index = RegularFile.Append(IndexOf(_folder));
            index.Write(Encoding.UTF8.GetBytes(index.Length == 0 ? Header + lines : lines));
        }
    }

    private void Trim()
    {
        _untilTrim = TrimFrames;
        if (!_ring.Trim([], DateTime.UtcNow))
        {
            return;
        }

        try
        {
            DropLines();
        }
        catch (IOException refused)
        {
            _room.Refuse(refused.Message);
        }
    }

    /// <summary>Of pictures that are no more.</summary>
    private void DropLines()
    {
        lock (IndexGate)
        {
            string index = IndexOf(_folder), fresh = index + ".new";
            using (var file = new StreamWriter(RegularFile.Create(fresh)))
            {
                foreach (string line in File.ReadLines(index).Where(IsOfKept).Prepend(Header.TrimEnd()))
                {
                    file.WriteLine(line);
                }
            }

            File.Move(fresh, index, overwrite: true);
        }
    }

    private bool IsOfKept(string line) => line.IndexOf(',') is > 0 and var comma && File.Exists(Path.Combine(_folder, line[..comma]));

    private bool IsOwn(string name) => name.StartsWith(_sourceName + "-", StringComparison.Ordinal)
        && name.EndsWith(".jpg", StringComparison.Ordinal)
        && !name.AsSpan(_sourceName.Length + 1, name.Length - _sourceName.Length - 5).ContainsAnyExceptInRange('0', '9');

    private string NameOf(long sequence) => string.Create(CultureInfo.InvariantCulture, $"{_sourceName}-{sequence:D8}.jpg");
}

/// <summary>Hands on the audited frames of one stream only: the others need not be copied.</summary>
internal sealed class AuditedFrames(int streamIndex, IAnswerConsumer next) : IAnswerConsumer
{
    public void Publish(in PublishedFrame frame)
    {
        if (frame.StreamIndex == streamIndex && float.IsFinite(frame.Record.AuditLoss))
        {
            next.Publish(frame);
        }
    }
}
