using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.MessagePack;

namespace EdgeRoute.Protocol.Rpc;

/// <summary>The envelope of one message, read; what it carries stays in its bytes.</summary>
/// <param name="Id">Of a request, and of the response to it; 0 for notifications.</param>
/// <param name="Method">Empty for responses.</param>
/// <param name="BodyStart">Where the one parameter of a request or notification begins, or the result of a response; -1: there is
/// none.</param>
/// <param name="Error">Of a response that refuses; null otherwise.</param>
public readonly record struct RpcMessage(RpcKind Kind, uint Id, string Method, int BodyStart, RpcError? Error)
{
    /// <summary>Method names are short words; a longer one is not ours.</summary>
    private const int MethodBytes = 64;

    /// <exception cref="MessagePackException">Not a message of MessagePack-RPC with at most one parameter.</exception>
    public static RpcMessage Read(ReadOnlySpan<byte> message)
    {
        var reader = new MessagePackReader(message);
        int count = reader.ReadArrayHeader();
        ulong kind = reader.ReadUnsigned();
        return (kind, count) switch
        {
            (0, 4) => ReadCall(RpcKind.Request, ReadId(ref reader), reader),
            (1, 4) => ReadResponse(ReadId(ref reader), reader),
            (2, 3) => ReadCall(RpcKind.Notification, 0, reader),
            _ => throw new MessagePackException($"an array of {count} that begins with {kind} is no message of MessagePack-RPC"),
        };
    }

    /// <summary>A request: <c>[0, id, method, [parameter]]</c>; without a parameter the array is empty.</summary>
    public static void WriteRequest(MessagePackWriter writer, uint id, string method, IControlMessage? parameter)
    {
        writer.WriteArrayHeader(4);
        writer.WriteInteger((int)RpcKind.Request);
        writer.WriteUnsigned(id);
        WriteCall(writer, method, parameter);
    }

    /// <summary>A response that grants: <c>[1, id, nil, result]</c>.</summary>
    public static void WriteResult(MessagePackWriter writer, uint id, IControlMessage? result)
    {
        writer.WriteArrayHeader(4);
        writer.WriteInteger((int)RpcKind.Response);
        writer.WriteUnsigned(id);
        writer.WriteNil();
        if (result is null)
        {
            writer.WriteNil();
            return;
        }

        FieldWriter.Write(writer, result);
    }

    /// <summary>A response that refuses: <c>[1, id, error, nil]</c>.</summary>
    public static void WriteError(MessagePackWriter writer, uint id, RpcError error)
    {
        writer.WriteArrayHeader(4);
        writer.WriteInteger((int)RpcKind.Response);
        writer.WriteUnsigned(id);
        FieldWriter.Write(writer, error);
        writer.WriteNil();
    }

    /// <summary>A notification: <c>[2, method, [parameter]]</c>.</summary>
    public static void WriteNotification(MessagePackWriter writer, string method, IControlMessage? parameter)
    {
        writer.WriteArrayHeader(3);
        writer.WriteInteger((int)RpcKind.Notification);
        WriteCall(writer, method, parameter);
    }

    private static void WriteCall(MessagePackWriter writer, string method, IControlMessage? parameter)
    {
        writer.WriteText(method);
        writer.WriteArrayHeader(parameter is null ? 0 : 1);
        if (parameter is not null)
        {
            FieldWriter.Write(writer, parameter);
        }
    }

    private static uint ReadId(ref MessagePackReader reader)
    {
        ulong id = reader.ReadUnsigned();
        return id <= uint.MaxValue ? (uint)id : throw new MessagePackException($"the message number {id} does not fit into 32 bits");
    }

    private static RpcMessage ReadCall(RpcKind kind, uint id, MessagePackReader reader)
    {
        int at = reader.Position;
        int length = reader.ReadUtf8().Length;
        if (length is 0 or > MethodBytes)
        {
            throw new MessagePackException($"a method name of {length} bytes; names have 1 to {MethodBytes}");
        }

        string method = new MessagePackReader(reader.ReadSince(at)).ReadText();
        int parameterCount = reader.ReadArrayHeader();
        return parameterCount <= 1 ? new RpcMessage(kind, id, method, parameterCount == 0 ? -1 : reader.Position, null)
            : throw new MessagePackException($"{parameterCount} parameters; every method takes one map or nothing");
    }

    private static RpcMessage ReadResponse(uint id, MessagePackReader reader)
    {
        if (!reader.TryReadNil())
        {
            var error = FieldReader.Read<RpcError>(ref reader);
            return new RpcMessage(RpcKind.Response, id, "", -1, error);
        }

        return new RpcMessage(RpcKind.Response, id, "", reader.TryReadNil() ? -1 : reader.Position, null);
    }
}

/// <summary>The three messages of MessagePack-RPC, by their first number.</summary>
public enum RpcKind
{
    Request = 0,
    Response = 1,
    Notification = 2,
}
