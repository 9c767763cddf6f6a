using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Serving;

/// <summary>Answers to one subscriber. One thread at a time.</summary>
/// <param name="ringLost">Answers that the device had lost before this subscription.</param>
internal sealed class AnswerSubscription(ChannelConnection connection, int number, SubscribeRequest request, long ringLost)
{
    /// <summary>Several times what a device has at once.</summary>
    private const int StreamsRemembered = 64;

    private readonly AnswerFilter _filter = request.Filter ?? new AnswerFilter();
    private readonly HashSet<string> _classes = [.. request.Filter?.Classes ?? []];
    private readonly long _periodNs = request.RateHz > 0 ? (long)(1e9 / request.RateHz) : 0;
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private long _ringLost = ringLost, _number;

    /// <summary>What was sent last of one stream: when the next is due, and what it said.</summary>
    private readonly record struct Told(long DueNs, string Content);

    /// <summary>Whether a stream with these classes can show any that is wanted.</summary>
    private readonly record struct Known(IReadOnlyList<string> Labels, bool IsWanted);

    public ChannelConnection Connection { get; } = connection;

    public int Number { get; } = number;

    /// <summary>Who it is, unlike all others since the channel began.</summary>
    public required string Name { get; init; }

    public long ToldCount { get; private set; }

    public long LostCount { get; private set; }

    public OutputStatus Status() => new()
    {
        Name = Name, Kind = OutputStatus.Subscriber, ToldCount = ToldCount, LostCount = LostCount,
    };

    /// <summary>Another run of the engine counts anew, and its clock may begin anew too.</summary>
    public void Follow(long ringLost)
    {
        _ringLost = ringLost;
        _told.Clear();
    }

    /// <summary>Counts what the device has lost since the last time.</summary>
    public void Miss(long ringLost)
    {
        LostCount += ringLost - _ringLost;
        _ringLost = ringLost;
    }

    /// <summary>Whether an answer comes from where it is to come from, and not too soon after the last one.</summary>
    public bool Wants(AnswerMessage answer, IReadOnlyList<string> labels)
    {
        if (request.Stream.Length > 0 && answer.Source != request.Stream)
        {
            return false;
        }

        if (_told.Count > StreamsRemembered || _known.Count > StreamsRemembered)
        {
            // Of sources that came and went only names are left.
            _told.Clear();
            _known.Clear();
        }

        if (_classes.Count > 0 && (!_known.TryGetValue(answer.Source, out var known) || !ReferenceEquals(known.Labels, labels)))
        {
            _known[answer.Source] = new Known(labels, labels.Any(_classes.Contains));
        }

        return (_classes.Count == 0 || _known[answer.Source].IsWanted)
            && (_periodNs == 0 || answer.PublishedNs >= _told.GetValueOrDefault(answer.Source).DueNs);
    }

    /// <summary>Sends what the subscriber wants of an answer. A change that could not be sent is one still at the next frame.</summary>
    public void Offer(ArrayBufferWriter<byte> buffer, AnswerMessage answer)
    {
        bool isKnown = _told.TryGetValue(answer.Source, out var last);
        var (detections, classes, segments) = (answer.Detections, answer.Classes, answer.Segments);
        Narrow(answer);
        string content = _filter.OnlyChanges ? ContentOf(answer) : "";
        if (!isKnown || !_filter.OnlyChanges || content != last.Content)
        {
            // On the grid of the period, so that frames that do not fall on it do not make the rate a lower one.
            long dueNs = isKnown && answer.PublishedNs - last.DueNs < _periodNs ? last.DueNs : answer.PublishedNs;
            Send(buffer, answer, new Told(dueNs + _periodNs, content));
        }

        (answer.Detections, answer.Classes, answer.Segments) = (detections, classes, segments);
    }

    private void Send(ArrayBufferWriter<byte> buffer, AnswerMessage answer, Told told)
    {
        (answer.Subscription, answer.Number, answer.LostCount) = (Number, ++_number, LostCount);
        buffer.ResetWrittenCount();
        RpcMessage.WriteNotification(buffer, ControlNotification.Answer, answer);
        if (Connection.TrySendTelemetry(buffer.WrittenSpan))
        {
            ToldCount++;
            _told[answer.Source] = told;
        }
        else
        {
            LostCount++;
        }
    }

    private void Narrow(AnswerMessage answer)
    {
        if (_classes.Count == 0 && _filter.MinConfidence == 0)
        {
            return;
        }

        // What networks yield are single floats: 0.9 of a request is to mean their 0.9.
        float least = (float)_filter.MinConfidence;
        answer.Detections = answer.Detections.FindAll(d => Takes(d.Class) && (float)d.Confidence >= least);
        answer.Classes = answer.Classes.FindAll(c => Takes(c.Class) && (float?)c.Probability >= least);
        answer.Segments = answer.Segments.FindAll(s => Takes(s.Class));
    }

    private bool Takes(string name) => _classes.Count == 0 || _classes.Contains(name);

    /// <summary>
    /// What a change is a change of: how many boxes of each class, the surest class, which segments; of other tasks the frame that was
    /// looked at.
    /// </summary>
    private static string ContentOf(AnswerMessage answer)
    {
        string state = answer.AgeMs is null ? "none" : answer.Task;
        return state switch
        {
            "none" => state,
            "detection" => $"{state} {string.Join(',', answer.Detections.Select(d => d.ClassIndex).Order())}",
            "classification" => $"{state} {answer.Classes.FirstOrDefault()?.ClassIndex}",
            "segmentation" => $"{state} {string.Join(',', answer.Segments.Select(s => s.ClassIndex))}",
            _ => $"{state} {answer.SeenSequence}",
        };
    }
}
