using System.Buffers;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.ControlChannel.Serving;

/// <summary>
/// What a hostile or broken client may send, to the session itself: it is answered or its connection ends, and nothing else happens.
/// </summary>
public sealed class ChannelFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_messages_end_their_own_connection_at_most(int seed)
    {
        using var rig = new ChannelRig();
        using var witness = rig.Connect();
        var random = new Random(seed);
        byte[][] seeds = [Request(1, ControlMethod.Subscribe, new SubscribeRequest { Kind = "telemetry", RateHz = 5 }),
            Request(2, ControlMethod.Events,
            new EventListRequest { After = 3 }),
            Request(3, ControlMethod.PairCommit, new PairingStepMessage { Round = 1, Value = new byte[32] }), Request(4,
                ControlMethod.Ping, null)];
        for (int i = 0; i < 300; i++)
        {
            using var client = rig.Connect();
            SendMutated(client, random, seeds);
            rig.Clock.AdvanceMs(100);
            client.Dispose();
            ChannelRig.WaitUntil(() => rig.Server.Connections().Count == 1, "the connection is gone");
        }

        Assert.Equal("pong", witness.Ask<DoneReply>(ControlMethod.Ping).Text);
        Assert.DoesNotContain(rig.Events.After(0), e => e.Text.Contains("Exception", StringComparison.Ordinal));
        Assert.Equal(0, rig.Server.Hub.Count);
    }

    private static void SendMutated(ChannelClient client, Random random, byte[][] seeds)
    {
        try
        {
            for (int i = 0; i < 30; i++)
            {
                byte[] message = [.. seeds[random.Next(seeds.Length)]];
                for (int change = random.Next(3); change > 0; change--)
                {
                    message[random.Next(message.Length)] = (byte)random.Next(256);
                }

                client.SendBytes(message);
            }
        }
        catch (IOException)
        {
            // The device has ended the connection: that is one of the two right answers.
        }
    }

    private static byte[] Request(uint id, string method, IControlMessage? parameter)
    {
        var buffer = new ArrayBufferWriter<byte>();
        RpcMessage.WriteRequest(buffer, id, method, parameter);
        return buffer.WrittenSpan.ToArray();
    }
}
