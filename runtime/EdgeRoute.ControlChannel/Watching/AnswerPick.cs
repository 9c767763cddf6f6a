using EdgeRoute.Documents;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>What one receiver wants of answers, and what it was told last of each stream. One thread at a time.</summary>
public sealed class AnswerPick(SubscribeRequest request)
{
    /// <summary>Several times what a device has at once.</summary>
    private const int StreamsRemembered = 64;

    private readonly AnswerFilter _filter = request.Filter ?? new AnswerFilter();
    private readonly HashSet<string> _classes = [.. request.Filter?.Classes ?? []];
    private readonly long _periodNs = request.RateHz > 0 ? (long)(1e9 / request.RateHz) : 0;
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>What was sent last of one stream: when the next is due, and what it said.</summary>
    private readonly record struct Told(long DueNs, string Content);

    /// <summary>Whether a stream with these classes can show any that is wanted.</summary>
    private readonly record struct Known(IReadOnlyList<string> Labels, bool IsWanted);

    /// <summary>Everything is wanted, as it is told.</summary>
    public bool IsAll { get; } = request.Stream.Length == 0 && request.RateHz == 0
        && request.Filter is null or { Classes.Count: 0, MinConfidence: 0, OnlyChanges: false };

    /// <summary>Another run of the engine: its clock may begin anew.</summary>
    public void Forget() => _told.Clear();

    /// <summary>Whether anything of a stream is wanted.</summary>
    public bool IsFrom(string stream) => request.Stream.Length == 0 || stream == request.Stream;

    /// <summary>Whether an answer comes from where it is to come from, and not too soon after the last one.</summary>
    /// <param name="labels">Names of the classes of its stream; the same list as long as that has the same pack.</param>
    public bool Wants(AnswerMessage answer, IReadOnlyList<string> labels)
    {
        if (!IsFrom(answer.Source))
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

    /// <summary>Hands on what is wanted of an answer. A change that could not be sent is one still at the next frame.</summary>
    /// <param name="send">Gets the answer with what is wanted of it, during the call; false: it was not sent.</param>
    public void Offer(AnswerMessage answer, Func<AnswerMessage, bool> send)
    {
        bool isKnown = _told.TryGetValue(answer.Source, out var last);
        var (detections, classes, segments) = (answer.Detections, answer.Classes, answer.Segments);
        Narrow(answer);
        string content = _filter.OnlyChanges ? ContentOf(answer) : "";
        if (!isKnown || !_filter.OnlyChanges || content != last.Content)
        {
            // On the grid of the period, so that frames that do not fall on it do not make the rate a lower one.
            long dueNs = isKnown && answer.PublishedNs - last.DueNs < _periodNs ? last.DueNs : answer.PublishedNs;
            if (send(answer))
            {
                _told[answer.Source] = new Told(dueNs + _periodNs, content);
            }
        }

        (answer.Detections, answer.Classes, answer.Segments) = (detections, classes, segments);
    }

    public bool Takes(string name) => _classes.Count == 0 || _classes.Contains(name);

    /// <summary>What networks yield are single floats: 0.9 of a request is to mean their 0.9.</summary>
    public bool Takes(string name, float? confidence) => Takes(name) && (_filter.MinConfidence == 0
        || confidence >= (float)_filter.MinConfidence);

    /// <param name="asked">What is answered with the refusal, such as <c>'subscribe'</c>.</param>
    /// <param name="labels">Names of the classes of a stream, or of all with an empty name; null where there is no such stream.</param>
    /// <exception cref="RpcRefusedException">Unknown stream or class, or a figure out of range.</exception>
    public static void Check(string asked, SubscribeRequest request, Func<string, IReadOnlyCollection<string>?>? labels)
    {
        RpcRefusedException Refused(string code, string words, string? hint = null) => new(code, $"{asked}: {words}", hint);
        if (request.RateHz is not (>= 0 and <= 1e6))
        {
            throw Refused(RpcErrorCode.BadRequest,
                $"the rate is {request.RateHz} Hz; answers come at 0 (every frame) to 1000000 a second of each stream");
        }

        var filter = request.Filter ?? new AnswerFilter();
        if (filter.MinConfidence is not (>= 0 and <= 1))
        {
            throw Refused(RpcErrorCode.BadRequest, $"min_confidence is {filter.MinConfidence}; it lies in 0 to 1");
        }

        if (labels is null)
        {
            return;
        }

        if (labels(request.Stream) is not { } names)
        {
            throw Refused(RpcErrorCode.NotFound, $"there is no stream '{request.Stream}'", "'describe' lists the streams of this device");
        }

        if (filter.Classes.Find(c => !names.Contains(c)) is { } unknown)
        {
            string who = request.Stream.Length == 0 ? "no stream knows" : $"the stream '{request.Stream}' does not know";
            string near = NearestName.Find(unknown, names) is { } name ? $"did you mean '{name}'?"
                : "'describe' lists the labels of each stream";
            throw Refused(RpcErrorCode.NotFound, $"{who} the class '{unknown}'", near);
        }
    }

    private void Narrow(AnswerMessage answer)
    {
        if (_classes.Count == 0 && _filter.MinConfidence == 0)
        {
            return;
        }

        answer.Detections = answer.Detections.FindAll(d => Takes(d.Class, (float)d.Confidence));
        answer.Classes = answer.Classes.FindAll(c => Takes(c.Class, (float?)c.Probability));
        answer.Segments = answer.Segments.FindAll(s => Takes(s.Class));
    }

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
