using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.TestBench.Messages;

/// <summary>
/// The whole codec as a target: scanner, envelope, the message's own parameter or result, and one other type in turn, so that every type
/// meets every message in time.
/// </summary>
internal sealed class CodecTarget
{
    private int _turn;

    public static IEnumerable<byte[]> Seeds
    {
        get
        {
            var buffer = new ArrayBufferWriter<byte>();
            foreach (var call in ControlCalls.All)
            {
                for (int fill = 0; fill < 3; fill++)
                {
                    yield return Written(buffer, w => RpcMessage.WriteRequest(w, 1 + (uint)fill, call.Method, Body(call.Parameter, fill)));
                    yield return Written(buffer, w => RpcMessage.WriteResult(w, 70_000, Body(call.Result, fill)));
                }
            }

            foreach (var (method, type) in ControlCalls.Notifications)
            {
                yield return Written(buffer, w => RpcMessage.WriteNotification(w, method, MessageFiller.Filled(type, 4)));
            }

            yield return Written(buffer, w => RpcMessage.WriteRequest(w, 0, ControlMethod.Ping, null));
            yield return Written(buffer, w => RpcMessage.WriteError(w, uint.MaxValue,
                new RpcError { Code = RpcErrorCode.Failed, Message = "no", Hint = "yes" }));
        }
    }

    /// <summary>True where envelope and body were read, and the body was no stranger to its own type.</summary>
    public bool Take(byte[] bytes)
    {
        Scan(bytes);
        var message = RpcMessage.Read(bytes);
        if (message.BodyStart < 0)
        {
            return true;
        }

        byte[] body = bytes[message.BodyStart..];
        var type = ControlType.All[_turn++ % ControlType.All.Count];
        bool isRead = TryRead(type.ReadStrict, body) | TryRead(type.Read, body);
        return ControlCalls.ParameterOf(message.Method) is { } own ? TryRead(own.ReadStrict, body) : isRead;
    }

    /// <summary>A refusal must not keep the message from the parts behind: they have other callers.</summary>
    private static void Scan(byte[] bytes)
    {
        var whole = new MessageScanner(MessagePackLimits.Requests);
        int? end = ScanWhole(whole, bytes);
        int half = bytes.Length / 2;
        int? again = ScanPieces(bytes.AsSpan(0, half), bytes.AsSpan(half));
        if (end != again)
        {
            throw new InvalidOperationException($"a message that ends at {end} ends at {again} when it comes in two pieces");
        }
    }

    private static int? ScanWhole(MessageScanner scanner, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return scanner.TryFinish(bytes, out int taken) ? taken : null;
        }
        catch (MessagePackException)
        {
            return -1;
        }
    }

    private static int? ScanPieces(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var scanner = new MessageScanner(MessagePackLimits.Requests);
        if (ScanWhole(scanner, first) is { } end)
        {
            return end;
        }

        int? more = ScanWhole(scanner, second);
        return more < 0 ? more : first.Length + more;
    }

    private static bool TryRead(Func<byte[], IControlMessage> read, byte[] body)
    {
        try
        {
            read(body);
            return true;
        }
        catch (MessagePackException)
        {
            return false;
        }
    }

    /// <summary>The defaults, or everything set.</summary>
    private static IControlMessage Body(ControlType type, int fill) => fill == 0 ? type.Make() : MessageFiller.Filled(type, fill);

    private static byte[] Written(ArrayBufferWriter<byte> buffer, Action<ArrayBufferWriter<byte>> write)
    {
        buffer.ResetWrittenCount();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
