using EdgeRoute.Engine.Frames;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Writes a stream's actions as lines of JSON: what a robot would have been told. A hold is one line when it begins, whatever it lasts.
/// Nobody moves by it, so that a slow disk costs its own steps alone, which are counted as missed.
/// </summary>
internal sealed class ActionLog(string stream, LineFile file, TimeProvider clock) : IActuator, IDisposable
{
    private readonly ActionJson _json = new(stream, clock);
    private string? _held;

    public long LostCount => file.LostCount;

    public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        string? held = origin.IsHold ? origin.HoldReason ?? "" : null;
        if (held is not null && held == _held)
        {
            return;
        }

        _held = held;
        file.Write(_json.Write(origin, action, endsLine: true));
    }

    public void Dispose()
    {
        file.Dispose();
        _json.Dispose();
    }
}
