using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using MessagePack;

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
    public static RpcMessage Read(ReadOnlyMemory<byte> message)
    {
        var reader = new MessageReader(message);
        int count = reader.ReadArrayHeader();
        ulong kind = reader.ReadUnsigned();
        return (kind, count) switch
        {
            (0, 4) => ReadCall(RpcKind.Request, ReadId(ref reader), ref reader),
            (1, 4) => ReadResponse(ReadId(ref reader), ref reader),
            (2, 3) => ReadCall(RpcKind.Notification, 0, ref reader),
            _ => throw new MessagePackException($"an array of {count} that begins with {kind} is no message of MessagePack-RPC"),
        };
    }

    /// <summary>A request: <c>[0, id, method, [parameter]]</c>; without a parameter the array is empty.</summary>
    public static void WriteRequest(ArrayBufferWriter<byte> buffer, uint id, string method, IControlMessage? parameter)
    {
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(4);
        writer.Write((int)RpcKind.Request);
        writer.Write(id);
        WriteCall(ref writer, buffer, method, parameter);
    }

    /// <summary>A response that grants: <c>[1, id, nil, result]</c>.</summary>
    public static void WriteResult(ArrayBufferWriter<byte> buffer, uint id, IControlMessage? result)
    {
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(4);
        writer.Write((int)RpcKind.Response);
        writer.Write(id);
        writer.WriteNil();
        if (result is null)
        {
            writer.WriteNil();
        }

        writer.Flush();
        if (result is not null)
        {
            FieldWriter.Write(buffer, result);
        }
    }

    /// <summary>A response that refuses: <c>[1, id, error, nil]</c>.</summary>
    public static void WriteError(ArrayBufferWriter<byte> buffer, uint id, RpcError error)
    {
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(4);
        writer.Write((int)RpcKind.Response);
        writer.Write(id);
        writer.Flush();
        FieldWriter.Write(buffer, error);
        buffer.Write<byte>([MessagePackCode.Nil]);
    }

    /// <summary>A notification: <c>[2, method, [parameter]]</c>.</summary>
    public static void WriteNotification(ArrayBufferWriter<byte> buffer, string method, IControlMessage? parameter)
    {
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(3);
        writer.Write((int)RpcKind.Notification);
        WriteCall(ref writer, buffer, method, parameter);
    }

    private static void WriteCall(ref MessagePackWriter writer, ArrayBufferWriter<byte> buffer, string method, IControlMessage? parameter)
    {
        writer.Write(method);
        writer.WriteArrayHeader(parameter is null ? 0 : 1);
        writer.Flush();
        if (parameter is not null)
        {
            FieldWriter.Write(buffer, parameter);
        }
    }

    private static uint ReadId(ref MessageReader reader)
    {
        ulong id = reader.ReadUnsigned();
        return id <= uint.MaxValue ? (uint)id : throw new MessagePackException($"the message number {id} does not fit into 32 bits");
    }

    private static RpcMessage ReadCall(RpcKind kind, uint id, ref MessageReader reader)
    {
        string method = reader.ReadText(MethodBytes);
        if (method.Length == 0)
        {
            throw new MessagePackException($"a method name of 0 bytes; names have 1 to {MethodBytes}");
        }

        int parameterCount = reader.ReadArrayHeader();
        return parameterCount <= 1 ? new RpcMessage(kind, id, method, parameterCount == 0 ? -1 : reader.Position, null)
            : throw new MessagePackException($"{parameterCount} parameters; every method takes one map or nothing");
    }

    private static RpcMessage ReadResponse(uint id, ref MessageReader reader)
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
