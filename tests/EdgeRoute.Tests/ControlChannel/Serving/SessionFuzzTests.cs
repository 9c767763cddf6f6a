using System.Buffers;
using System.Net.Sockets;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Framing;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.TestBench.Messages;

namespace EdgeRoute.Tests.ControlChannel.Serving;

/// <summary>
/// Damaged messages against a live session: each on a connection of its own that has said hello, in two pieces, with another request behind
/// it.
/// </summary>
public sealed class SessionFuzzTests
{
    private const int Seed = 20_262, MessageCount = 2_000;

    /// <summary>
    /// Behind everything: fills whatever length a message lied about, up to the limit, and is then the byte that ends the connection.
    /// </summary>
    private static readonly byte[] End = [.. Enumerable.Repeat((byte)0xC1, MessagePackLimits.Requests.SizeBytes + 16)];

    [Fact]
    public void A_session_survives_two_thousand_damaged_messages()
    {
        using var rig = new ChannelRig();
        using var witness = rig.Connect();
        var fuzz = new MessageFuzz(Seed, CodecTarget.Seeds, message => Take(rig, message)) { MeasuresBytes = false };
        var report = fuzz.Run(MessageCount);
        // What a method does not expect is caught and told as an event; here there must be none.
        var faults = rig.Events.After(0).Select(e => e.Text).Where(t => t.Contains(" failed: ", StringComparison.Ordinal));
        Assert.Empty(faults);
        Assert.NotEqual("", witness.Ask<DoneReply>(ControlMethod.Ping).Text);
        Assert.InRange(report.AcceptedCount, MessageCount / 50, MessageCount - 1);
        ChannelRig.WaitUntil(() => rig.Server.Status(0).ConnectionCount == 1, "every connection but the witness's is gone");
    }

    /// <summary>True where the session went on and answered the request behind the message.</summary>
    private static bool Take(ChannelRig rig, byte[] message)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 30_000,
            SendTimeout = 30_000 };
        socket.Connect(new UnixDomainSocketEndPoint(rig.SocketPath));
        var buffer = new ArrayBufferWriter<byte>();
        RpcMessage.WriteRequest(buffer, 1, ControlMethod.Hello, new HelloRequest { Client = "fuzz", Name = "fuzz" });
        buffer.Write(message.AsSpan(0, message.Length / 2));
        socket.Send(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
        buffer.Write(message.AsSpan(message.Length / 2));
        RpcMessage.WriteRequest(buffer, uint.MaxValue, ControlMethod.Ping, null);
        buffer.Write(End);
        Send(socket, buffer.WrittenSpan);
        return AnswersOf(socket).Contains(uint.MaxValue);
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            socket.Send(bytes);
        }
        catch (SocketException)
        {
            // The first bytes were enough for the device to close the connection.
        }
    }

    /// <summary>Numbers of the requests that were answered, until the device closes its side.</summary>
    private static HashSet<uint> AnswersOf(Socket socket)
    {
        using var received = new MemoryStream();
        byte[] bytes = new byte[1 << 16];
        try
        {
            for (int count = socket.Receive(bytes); count > 0; count = socket.Receive(bytes))
            {
                received.Write(bytes, 0, count);
            }
        }
        catch (SocketException cut) when (cut.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed with bytes of ours unread.
        }

        var answers = new HashSet<uint>();
        var reader = new MessageReader(received.ToArray());
        while (!reader.IsAtEnd)
        {
            var message = RpcMessage.Read(reader.Skip());
            _ = message.Kind == RpcKind.Response && answers.Add(message.Id);
        }

        return answers;
    }
}
