using EdgeRoute.Core.Frames;
using EdgeRoute.Core.Routing;
using EdgeRoute.Core.Tracking;
using EdgeRoute.Protocol.Sweeping;

namespace EdgeRoute.Workbench.Sweeps;

/// <summary>
/// Where the pictures of swept frames show the boxes of each answer in the frames after it. It depends on nothing that a policy decides, so
/// it is found once however many policies are played.
/// </summary>
internal sealed class SweptMoves(IReadOnlyList<SweptFrame> frames)
{
    private readonly Dictionary<(int FrameIndex, int VariantIndex), BoxMove[][]> _found = [];
    private readonly PatchFollower _follower = new();

    /// <summary>The moves at a frame; empty where nothing is followed so far.</summary>
    /// <param name="answeredIndex">The frame that the answer was computed from.</param>
    /// <param name="variantIndex">What computed it.</param>
    public ReadOnlySpan<BoxMove> At(int frameIndex, int answeredIndex, int variantIndex)
    {
        var key = (answeredIndex, variantIndex);
        if (!_found.TryGetValue(key, out var moves))
        {
            _found[key] = moves = Follow(answeredIndex, frames[answeredIndex].Variants[variantIndex].Answer);
        }

        int later = frameIndex - answeredIndex - 1;
        return later >= 0 && later < moves.Length ? moves[later] : default;
    }

    /// <summary>As long as the answer may be reused.</summary>
    private BoxMove[][] Follow(int answeredIndex, Answer? answer)
    {
        var answered = frames[answeredIndex];
        if (answer is not { DetectionCount: > 0 } || !HasPicture(answered))
        {
            return [];
        }

        _follower.Begin(answered.Picture, answer.Detections);
        var moves = new List<BoxMove[]>();
        foreach (var frame in frames.Skip(answeredIndex + 1))
        {
            if (!HasPicture(frame) || (frame.Stamp.SourceNs - answered.Stamp.SourceNs) / 1e6 > Router.UsualMaxAgeMs)
            {
                break;
            }

            _follower.Follow(frame.Picture);
            moves.Add(_follower.Moves.ToArray());
        }

        return [.. moves];
    }

    private static bool HasPicture(SweptFrame frame) => frame.Picture.Length == PatchFollower.Width * PatchFollower.Height;
}
