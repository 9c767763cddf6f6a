using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>
/// Sends a stream's actions over the connection of an MQTT output, holds included, a message for each step. What cannot go at once is
/// lost and counted: an action that comes late is none.
/// </summary>
/// <param name="outputName">The output, for messages.</param>
/// <param name="find">The output; null while there is none.</param>
internal sealed class MqttActuator(string stream, string outputName, Func<MqttOutput?> find, TimeProvider clock) : IActuator, IDisposable
{
    private readonly ActionJson _json = new(stream, clock);
    private Action<string?>? _settled;
    private MqttOutput? _output;
    private string _topic = "";
    private long _lostCount;

    public long LostCount => Interlocked.Read(ref _lostCount);

    public string? Fault => (_output ?? find()) is { } output ? output.FaultOf(_topic)
        : $"nobody moves: there is no output '{outputName}' to a broker";

    public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        if (_output is null && find() is { } found)
        {
            (_output, _topic) = (found, found.ActionsOf(stream));
        }

        if (_output?.TrySend(_topic, _json.Write(origin, action, endsLine: false), _settled ??= Settle) != true)
        {
            Interlocked.Increment(ref _lostCount);
        }
    }

    public void Dispose() => _json.Dispose();

    private void Settle(string? problem)
    {
        Interlocked.Add(ref _lostCount, problem is null ? 0 : 1);
        _output?.Note(_topic, problem);
    }
}
