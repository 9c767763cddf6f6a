using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Connecting;

/// <summary>Something the device sent unasked.</summary>
/// <param name="Method">One of <see cref="ControlNotification"/>.</param>
/// <param name="Body">Its parameter as sent.</param>
internal sealed record Notification(string Method, byte[] Body)
{
    public T Read<T>() where T : IControlMessage, new() => Body.Length == 0 ? new T() : FieldReader.Read<T>(Body);
}
