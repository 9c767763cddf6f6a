using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>
/// The details of tracked detections, by track: each as last seen, with the box that they belonged to, and moved with the track's box when
/// it is carried.
/// </summary>
internal sealed class TrackDetails(int limit, DetailForm room)
{
    private readonly DetectionDetails _held = new(limit, room);
    private readonly int[] _answerIndexOf = new int[limit];
    private readonly int[] _trackOf = new int[limit];

    private bool HasDetails => _held.Form.Kind != DetailKind.None;

    /// <summary>An answer comes; what is known of tracks of another form is of no use with it.</summary>
    public bool CanFollow(DetectionDetails seen) => seen.Form == _held.Form;

    public void Begin(DetectionDetails seen) => _held.Begin(seen.Form, seen.FrameWidth, seen.FrameHeight);

    /// <summary>Those of another tracker with room for as much.</summary>
    public void CopyFrom(TrackDetails other, int trackCount)
    {
        _held.CopyFrom(other._held, trackCount);
        other._answerIndexOf.CopyTo(_answerIndexOf, 0);
    }

    /// <summary>A usable detection, and where in its answer it stands.</summary>
    public void Take(int seenIndex, int answerIndex) => _answerIndexOf[seenIndex] = answerIndex;

    /// <summary>Where a usable detection stands in its answer.</summary>
    public int AnswerIndexOf(int seenIndex) => _answerIndexOf[seenIndex];

    /// <summary>A usable detection of the answer shows a track.</summary>
    public void See(int track, DetectionDetails answer, int seenIndex)
    {
        if (HasDetails)
        {
            _held.Take(track, answer, _answerIndexOf[seenIndex]);
        }
    }

    /// <summary>A track gets another place.</summary>
    public void Shift(int from, int to)
    {
        if (HasDetails && from != to)
        {
            _held.Take(to, _held, from);
        }
    }

    /// <summary>The carried detection at a place of the answer is that of a track; those from there on move up by one.</summary>
    public void Insert(int place, int count, int track)
    {
        if (HasDetails && place < _trackOf.Length)
        {
            int moved = Math.Min(count, _trackOf.Length - 1) - place;
            Array.Copy(_trackOf, place, _trackOf, place + 1, Math.Max(moved, 0));
            _trackOf[place] = track;
        }
    }

    /// <summary>Fills in the details of all that is carried.</summary>
    /// <param name="places">By track: where its box is at the frame.</param>
    public void Fill(ReadOnlySpan<Track> tracks, ReadOnlySpan<Detection> places, Answer into)
    {
        into.Details.Begin(_held.Form, _held.FrameWidth, _held.FrameHeight);
        for (int i = 0; HasDetails && i < into.DetectionCount; i++)
        {
            into.Details.Move(i, _held, _trackOf[i], tracks[_trackOf[i]].Seen, places[_trackOf[i]]);
        }
    }
}
