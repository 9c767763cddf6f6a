using System.Diagnostics;
using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// Carries detections across frames on which no stage runs: a small multi-object tracker after SORT (Bewley et al., ICIP 2016), in source
/// time, for answers at irregular intervals. Each answer corrects the tracks; between answers their boxes are predicted. It also keeps a
/// record of how its predictions fared, and carries no box that by this record is more likely wrong than right. Allocates nothing after
/// construction; not for several threads at once.
/// </summary>
internal sealed class DetectionTracker
{
    /// <summary>Tracks older than this say nothing of the present.</summary>
    private const double ForgetSeconds = 10;

    /// <summary>
    /// Least probability of fitting with which a box is carried: one that is more likely wrong than right costs agreement.
    /// </summary>
    private const double CarryAtLeast = 0.5;

    /// <summary>
    /// Overlap from which on a carried box fits a detection: the one of
    /// <see cref="EdgeRoute.Core.Agreement.AgreementSettings.OverlapAtLeast"/>.
    /// </summary>
    private const float FitOverlap = 0.5f;

    /// <summary>A missed track that a seen one covers this much, of any class, is the same object under a new name.</summary>
    private const float CoverOverlap = 0.5f;

    /// <summary>Least share of a box inside the frame: with less, the object has left.</summary>
    private const float VisibleShare = 0.3f;

    /// <summary>Answers that may miss a track in a row before it is let go: detectors flicker for a few frames, not for more.</summary>
    private const int MissLimit = 5;

    private readonly TrackerSettings _settings;
    private readonly TrackMatcher _matcher;
    private readonly Track[] _tracks;
    private readonly TrackDetails _details;
    private readonly Detection[] _predicted, _seen;
    private readonly TrackPlaces _places;
    /// <summary>By detection: the earlier track whose object it shows under another class; id 0 where there is none.</summary>
    private readonly Ancestor[] _ancestors;
    private CarryRecord _record;
    private FrameStamp _stamp;
    private int _trackCount, _seenCount;
    private int _nodeIndex = -1;

    /// <param name="lastId">Ids given out before, at this source.</param>
    public DetectionTracker(TrackerSettings settings, long lastId = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.DetectionLimit, 1);
        (_settings, _matcher) = (settings, new(settings.DetectionLimit));
        (_tracks, _details) = (new Track[settings.DetectionLimit], new(settings.DetectionLimit, settings.Details));
        (_predicted, _seen) = (new Detection[settings.DetectionLimit], new Detection[settings.DetectionLimit]);
        (_ancestors, LastId) = (new Ancestor[settings.DetectionLimit], lastId);
        _places = new(settings.DetectionLimit);
    }

    /// <summary>The last id given out; see <see cref="DetectionTrack.Id"/>.</summary>
    public long LastId { get; private set; }

    /// <summary>Observed detections let go, since construction, because there were more than <see cref="TrackerSettings.DetectionLimit"/>,
    /// or because <see cref="Predict"/> was given a smaller answer to fill.</summary>
    public long OverflowCount { get; private set; }

    /// <summary>Observed detections let go, since construction, because the box was not finite or had no area in the frame.</summary>
    public long UnusableCount { get; private set; }

    /// <summary>Forgets everything, as at a new source, but gives no id twice.</summary>
    public void Reset()
    {
        _record = default;
        (_trackCount, _nodeIndex) = (0, -1);
        _places.Clear();
    }

    /// <summary>Knows what another tracker of the same settings knows.</summary>
    public void CopyFrom(DetectionTracker other)
    {
        other._tracks.AsSpan(0, other._trackCount).CopyTo(_tracks);
        _details.CopyFrom(other._details, other._trackCount);
        (_trackCount, _nodeIndex, LastId) = (other._trackCount, other._nodeIndex, other.LastId);
        (_stamp, _record) = (other._stamp, other._record);
        _places.Clear();
    }

    /// <summary>
    /// What the picture of the frame at hand says of where the boxes of the last answer are, by their index in it. It goes before what
    /// their tracks expect, until the next frame or answer.
    /// </summary>
    public void Follow(ReadOnlySpan<BoxMove> moves) => _places.Take(_tracks.AsSpan(0, _trackCount), _details, moves);

    /// <summary>
    /// Corrects the tracks with an answer computed from the frame at its stamp. An answer without a value is passed over. An answer from
    /// before the last one, or long after it, begins anew with its own boxes. The answer is told which objects its detections show.
    /// </summary>
    public void Observe(Answer answer)
    {
        if (!answer.HasValue)
        {
            return;
        }

        double seconds = SecondsTo(answer.Stamp.SourceNs);
        bool isNew = _nodeIndex < 0 || seconds is < 0 or > ForgetSeconds || !_details.CanFollow(answer.Details);
        _trackCount = isNew ? 0 : _trackCount;
        (_stamp, _nodeIndex) = (answer.Stamp, answer.NodeIndex);
        _details.Begin(answer.Details);
        TakeUsable(answer.Detections);
        AdvanceTracks(isNew ? 0 : seconds);
        _matcher.Match(_tracks.AsSpan(0, _trackCount), _predicted, _seen.AsSpan(0, _seenCount));
        if (!isNew && seconds > 0)
        {
            _record.Add(seconds, Grade());
        }

        CorrectTracks(answer.Details);
        DropCovered();
        AddTracks(answer.Details);
        TellTracks(answer);
        _places.Clear();
        Debug.Assert(_trackCount >= _seenCount && _trackCount <= _tracks.Length, "Each detection seen has a track, and its place.");
    }

    /// <summary>
    /// Fills <paramref name="into"/> with the boxes expected at a frame, the surest first, cut to the frame. Its stamp and node stay those
    /// of the last answer observed; without one it is left without a value. A frame from before that answer gets the boxes of the answer's
    /// instant.
    /// </summary>
    public void Predict(in FrameStamp stamp, Answer into)
    {
        into.Clear();
        var horizon = HorizonAt(stamp.SourceNs);
        (into.Stamp, into.NodeIndex) = (_stamp, _nodeIndex);
        for (int i = 0; i < _trackCount; i++)
        {
            _predicted[i] = _places.Of(_tracks[i], i, horizon.Step);
            if (TryCarry(i, horizon, out var box))
            {
                Insert(box, i, into, _tracks[i].Told(stamp.SourceNs));
            }
        }

        _details.Fill(_tracks, _predicted, into);
    }

    /// <summary>What <see cref="Predict"/> would yield at an instant, in numbers for a decision.</summary>
    public CarriedSignals Carried(long sourceNs)
    {
        var horizon = HorizonAt(sourceNs);
        int count = 0, doubtful = 0;
        float shift = 0;
        double held = 0;
        for (int i = 0; i < _trackCount; i++)
        {
            if (TryCarry(i, horizon, out var box))
            {
                int missed = _tracks[i].MissedCount;
                count++;
                doubtful += !IsSure(box) || missed > 0 || _places.IsLost(i) ? 1 : 0;
                shift = MathF.Max(shift, _places.ShiftOf(_tracks[i], i, horizon.Step));
                held += horizon.Chance(missed, WasSure(i));
            }
        }

        return new(count, count == 0 ? 0 : doubtful / (float)count, shift,
            _nodeIndex < 0 ? 0 : ExpectedF1(count, held, horizon.Unforeseen));
    }

    /// <summary>2 hits / (boxes carried + boxes seen). With none carried: the probability that nothing is seen.</summary>
    private static float ExpectedF1(int count, double held, double unforeseen) =>
        (float)(count == 0 ? Math.Exp(-unforeseen) : 2 * held / (count + held + unforeseen));

    private double SecondsTo(long sourceNs) => ((double)sourceNs - _stamp.SourceNs) / 1e9;

    private CarryHorizon HorizonAt(long sourceNs) => CarryHorizon.Of(_record, Math.Max(SecondsTo(sourceNs), 0));

    /// <summary>The box that a track is expected to have; false when it is likely gone, from the frame or at all.</summary>
    private bool TryCarry(int track, in CarryHorizon horizon, out Detection box)
    {
        box = default;
        double chance = horizon.Seconds > ForgetSeconds ? 0 : horizon.Chance(_tracks[track].MissedCount, WasSure(track));
        if (chance < CarryAtLeast)
        {
            return false;
        }

        var whole = _places.Of(_tracks[track], track, horizon.Step);
        box = Inside(whole) with { Confidence = (float)(whole.Confidence * chance) };
        return box.Width > 0 && box.Height > 0 && box.Width * box.Height >= VisibleShare * whole.Width * whole.Height;
    }

    private bool IsSure(in Detection box) => box.Confidence >= _settings.DetectionThreshold + _settings.DoubtBand;

    /// <summary>
    /// The last answer was sure of it, and it was not lost from sight since. Boxes that were are as those near the threshold: this source
    /// shows how many of them still fit.
    /// </summary>
    private bool WasSure(int track) => IsSure(_tracks[track].Seen) && !_places.IsLost(track);

    private static Detection Inside(in Detection box)
    {
        float left = Math.Clamp(box.Left, 0, 1), top = Math.Clamp(box.Top, 0, 1);
        return box with { Left = left, Top = top, Width = Math.Clamp(box.Right, 0, 1) - left, Height = Math.Clamp(box.Bottom, 0, 1) - top };
    }

    private void TakeUsable(ReadOnlySpan<Detection> detections)
    {
        _seenCount = 0;
        for (int i = 0; i < detections.Length; i++)
        {
            var box = Inside(detections[i]) with { Confidence = Math.Clamp(detections[i].Confidence, 0, 1) };
            bool isUsable = box.Width > 0 && box.Height > 0 && float.IsFinite(box.Confidence);
            bool hasRoom = _seenCount < _seen.Length;
            UnusableCount += isUsable ? 0 : 1;
            OverflowCount += isUsable && !hasRoom ? 1 : 0;
            if (isUsable && hasRoom)
            {
                _details.Take(_seenCount, i);
                _seen[_seenCount++] = box;
            }
        }
    }

    private void AdvanceTracks(double seconds)
    {
        var step = MotionStep.Of(seconds);
        for (int i = 0; i < _trackCount; i++)
        {
            _predicted[i] = Inside(_places.Of(_tracks[i], i, step));
            _tracks[i].Advance(step);
        }
    }

    private CarryGrade Grade()
    {
        HoldGrade sure = default, doubtful = default;
        int returned = 0, absent = 0;
        for (int i = 0; i < _trackCount; i++)
        {
            int found = _matcher.DetectionOf(i);
            bool isOfLast = _tracks[i].MissedCount == 0, isHeld = found >= 0 && _predicted[i].OverlapWith(_seen[found]) >= FitOverlap;
            bool isSure = WasSure(i);
            sure = isOfLast && isSure ? sure.With(isHeld) : sure;
            doubtful = isOfLast && !isSure ? doubtful.With(isHeld) : doubtful;
            returned += !isOfLast && found >= 0 ? 1 : 0;
            absent += !isOfLast && found < 0 ? 1 : 0;
        }

        return new(sure, doubtful, _seenCount - sure.Held - doubtful.Held, returned, absent);
    }

    private void CorrectTracks(DetectionDetails details)
    {
        for (int i = 0; i < _trackCount; i++)
        {
            int found = _matcher.DetectionOf(i);
            if (found >= 0)
            {
                _tracks[i].See(_seen[found], found);
                _details.See(i, details, found);
            }
            else
            {
                _tracks[i].Miss();
            }
        }
    }

    /// <summary>
    /// Lets go of tracks missed too often, or whose place another has taken, and of the longest missed where the answer needs the room.
    /// </summary>
    private void DropCovered()
    {
        _ancestors.AsSpan(0, _seenCount).Clear();
        int kept = 0;
        for (int i = 0; i < _trackCount; i++)
        {
            int cover = _tracks[i].MissedCount == 0 ? -1 : CoverOf(_tracks[i].After(default));
            if (cover >= 0)
            {
                Bequeath(_tracks[i], cover);
            }
            else if (_tracks[i].MissedCount <= MissLimit)
            {
                _details.Shift(i, kept);
                _tracks[kept++] = _tracks[i];
            }
        }

        _trackCount = kept;
    }

    /// <summary>A detection that covers a box, or -1.</summary>
    private int CoverOf(in Detection box)
    {
        for (int i = 0; i < _seenCount; i++)
        {
            if (_seen[i].OverlapWith(box) >= CoverOverlap)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The longest known of the tracks that a new detection covers is the object that it shows.</summary>
    private void Bequeath(in Track track, int detection)
    {
        if (_matcher.TrackOf(detection) < 0 && (_ancestors[detection].Id == 0 || track.Id < _ancestors[detection].Id))
        {
            _ancestors[detection] = new(track.Id, track.FirstNs);
        }
    }

    private void AddTracks(DetectionDetails details)
    {
        for (int i = 0; i < _seenCount; i++)
        {
            if (_matcher.TrackOf(i) < 0)
            {
                int place = _trackCount < _tracks.Length ? _trackCount++ : LongestMissed();
                var ancestor = _ancestors[i].Id > 0 ? _ancestors[i] : new(++LastId, _stamp.SourceNs);
                _tracks[place] = Track.At(_seen[i], i, ancestor.Id, ancestor.FirstNs);
                _details.See(place, details, i);
            }
        }
    }

    private void TellTracks(Answer answer)
    {
        answer.TrackSlots.Clear();
        for (int i = 0; i < _trackCount; i++)
        {
            if (_tracks[i].MissedCount == 0)
            {
                answer.TrackSlots[_details.AnswerIndexOf(_tracks[i].SeenIndex)] = _tracks[i].Told(_stamp.SourceNs);
            }
        }
    }

    /// <summary>There is one when all places are taken and a detection has none: detections are at most as many as places.</summary>
    private int LongestMissed()
    {
        int longest = 0;
        for (int i = 1; i < _trackCount; i++)
        {
            longest = _tracks[i].MissedCount > _tracks[longest].MissedCount ? i : longest;
        }

        Debug.Assert(_tracks[longest].MissedCount > 0, "No track that this answer shows gives way.");
        return longest;
    }

    /// <summary>By falling confidence; where the answer is full, the least sure box goes.</summary>
    private void Insert(in Detection box, int track, Answer into, in DetectionTrack told)
    {
        var slots = into.DetectionSlots;
        var tracks = into.TrackSlots;
        int at = into.DetectionCount;
        for (; at > 0 && slots[at - 1].Confidence < box.Confidence; at--)
        {
            if (at < slots.Length)
            {
                slots[at] = slots[at - 1];
                tracks[at] = tracks[at - 1];
            }
        }

        if (at < slots.Length)
        {
            slots[at] = box;
            tracks[at] = told;
            _details.Insert(at, into.DetectionCount, track);
        }

        bool isFull = into.DetectionCount == slots.Length;
        OverflowCount += isFull ? 1 : 0;
        into.DetectionCount += isFull ? 0 : 1;
    }

    /// <summary>Whose object a detection shows.</summary>
    private readonly record struct Ancestor(long Id, long FirstNs);
}
