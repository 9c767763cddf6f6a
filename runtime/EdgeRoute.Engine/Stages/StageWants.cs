using System.Globalization;

namespace EdgeRoute.Engine.Stages;

/// <summary>What a pack's stages must be told with each frame, beside its pixels.</summary>
/// <param name="Instruction">The task in words.</param>
/// <param name="StateLength">Values of the robot's state; 0 where none is wanted.</param>
public readonly record struct StageWants(bool Instruction, int StateLength)
{
    public bool Any => Instruction || StateLength > 0;

    /// <exception cref="TaskUntoldException">Something that is wanted is missing, or the state has another number of values. Zeros would be a lie about the robot.</exception>
    public void Check(string? instruction, ReadOnlySpan<float> state)
    {
        if (Instruction && instruction is null)
        {
            throw new TaskUntoldException("the pack's stages want an instruction, but the source gives none and the config has none; write 'instruction' under the source");
        }

        if (StateLength > 0 && state.Length != StateLength)
        {
            throw new TaskUntoldException(string.Create(CultureInfo.InvariantCulture,
                $"the pack's stages want a state of {StateLength} values, but the source tells {state.Length} with this frame"));
        }
    }
}
