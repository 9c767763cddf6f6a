using System.Globalization;
using System.Text;
using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Engine.Drawing;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Reports;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Keeps the audited frames that a human's label would teach most, at most so many per hour of source time: a JPEG each, and
/// <c>index.csv</c> with why. A frame that gives way to a more doubtful one is deleted, and its line says so. On a consumer's thread.
/// </summary>
internal sealed class LabelFolder : IDisposable
{
    private const long HourNs = 3_600_000_000_000;

    private readonly string _folder;
    private readonly string _sourceName;
    private readonly RouteTree _tree;
    private readonly LabelShortlist _shortlist;
    private readonly FrameCompressor _compressor = new();
    private readonly StreamWriter _index;

    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public LabelFolder(string folder, string sourceName, RouteTree tree, int framesPerHour)
    {
        _folder = folder;
        _sourceName = sourceName;
        _tree = tree;
        _shortlist = new LabelShortlist(framesPerHour, HourNs);
        string index = Path.Combine(Directory.CreateDirectory(folder).FullName, "index.csv");
        bool isNew = !File.Exists(index);
        _index = new StreamWriter(RegularFile.Append(index), Encoding.UTF8) { AutoFlush = true };
        if (isNew)
        {
            _index.WriteLine("file,event,path,predicted_gain,observed_gain");
        }
    }

    public void Write(PublishedCopy frame)
    {
        ref readonly var record = ref frame.Record;
        var decision = record.Decisions[Math.Max(record.DecisionCount - 1, 0)];
        float predicted = decision.Values[decision.OptionIndex].Gain, observed = 1 - record.AuditLoss;
        var outcome = _shortlist.Offer(record.Stamp, predicted, observed);
        if (!outcome.IsKept)
        {
            return;
        }

        if (outcome.HasReplaced)
        {
            string old = NameOf(outcome.Replaced.Stamp.Sequence);
            File.Delete(Path.Combine(_folder, old));
            _index.WriteLine($"{old},dropped,,,");
        }

        string name = NameOf(record.Stamp.Sequence);
        using (var file = RegularFile.Create(Path.Combine(_folder, name)))
        {
            file.Write(_compressor.Compress(frame.Slot.Layout, frame.Slot.Bytes));
        }

        _index.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name},kept,{DecisionText.PathOf(_tree, record)},{predicted:0.###},{observed:0.###}"));
    }

    public void Dispose()
    {
        _compressor.Dispose();
        _index.Dispose();
    }

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
