using EdgeRoute.Core.Frames;

namespace EdgeRoute.Core.Tracking;

/// <summary>Where tracks are at the frame at hand, by their index: where its picture shows them, else as they moved.</summary>
internal sealed class TrackPlaces(int limit)
{
    private readonly BoxMove[] _moves = new BoxMove[limit];
    private bool _hasMoves;

    public void Clear() => _hasMoves = false;

    /// <param name="moves">Of the boxes of the last answer; a track that it did not show is none of them.</param>
    public void Take(ReadOnlySpan<Track> tracks, TrackDetails details, ReadOnlySpan<BoxMove> moves)
    {
        _hasMoves = !moves.IsEmpty;
        for (int i = 0; i < tracks.Length && _hasMoves; i++)
        {
            int index = tracks[i].MissedCount == 0 ? details.AnswerIndexOf(tracks[i].SeenIndex) : int.MaxValue;
            _moves[i] = index < moves.Length ? moves[index] : BoxMove.Unknown;
        }
    }

    /// <summary>The picture shows it no more.</summary>
    public bool IsLost(int index) => MoveOf(index) is { IsKnown: true, IsHeld: false };

    public Detection Of(in Track track, int index, in MotionStep step) =>
        MoveOf(index) is { IsHeld: true } move ? move.Of(track.Seen) : track.After(step);

    /// <summary>How far the centre has gone since the last answer, in diagonals of the box.</summary>
    public float ShiftOf(in Track track, int index, in MotionStep step)
    {
        var now = MoveOf(index).IsHeld ? track.Seen : track.After(default);
        var then = Of(track, index, step);
        float x = then.Left - now.Left + ((then.Width - now.Width) / 2), y = then.Top - now.Top + ((then.Height - now.Height) / 2);
        float diagonal = MathF.Sqrt((now.Width * now.Width) + (now.Height * now.Height));
        return diagonal > 0 ? MathF.Sqrt((x * x) + (y * y)) / diagonal : 0;
    }

    private BoxMove MoveOf(int index) => _hasMoves ? _moves[index] : BoxMove.Unknown;
}
