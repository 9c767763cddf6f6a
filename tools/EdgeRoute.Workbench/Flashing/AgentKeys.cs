using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace EdgeRoute.Workbench.Flashing;

/// <summary>
/// Keys that an ssh-agent holds, which signs and never hands them out: the two requests of the agent's protocol that this takes.
/// </summary>
internal static class AgentKeys
{
    private const byte Identities = 11, IdentitiesAnswer = 12, SignRequest = 13, SignAnswer = 14;
    private const uint RsaSha512 = 4, RsaSha256 = 2;

    /// <summary>An agent's answer with a hundred keys takes a tenth of this.</summary>
    private const int AnswerBytesMost = 256 * 1024;

    /// <summary>None where no agent runs, or it holds none.</summary>
    /// <param name="socketPath">As SSH_AUTH_SOCK names it.</param>
    public static IReadOnlyList<IPrivateKeySource> Of(string? socketPath)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return [];
        }

        try
        {
            var answer = new Reader(Ask(socketPath, [Identities]));
            if (answer.Byte() != IdentitiesAnswer)
            {
                return [];
            }

            var keys = new List<IPrivateKeySource>();
            for (uint left = answer.Number(); left > 0; left--)
            {
                byte[] blob = answer.Bytes();
                answer.Bytes();
                keys.Add(new AgentKey(socketPath, blob));
            }

            return keys;
        }
        catch (Exception silent) when (silent is IOException or SocketException)
        {
            return [];
        }
    }

    private static byte[] Ask(string socketPath, byte[] request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        using var stream = new NetworkStream(socket);
        stream.Write([.. Number((uint)request.Length), .. request]);
        byte[] head = new byte[4];
        stream.ReadExactly(head);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is 0 or > AnswerBytesMost)
        {
            throw new IOException($"the ssh-agent answers with {length} bytes; 1 to {AnswerBytesMost} are taken");
        }

        byte[] answer = new byte[length];
        stream.ReadExactly(answer);
        return answer;
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Text(ReadOnlySpan<byte> bytes) => [.. Number((uint)bytes.Length), .. bytes];

    private sealed class AgentKey : IPrivateKeySource
    {
        public AgentKey(string socketPath, byte[] blob)
        {
            string kind = Encoding.ASCII.GetString(new Reader(blob).Bytes());
            HostKeyAlgorithms = kind == "ssh-rsa"
                ? [new AgentAlgorithm("rsa-sha2-512", socketPath, blob, RsaSha512),
                    new AgentAlgorithm("rsa-sha2-256", socketPath, blob, RsaSha256)]
                : [new AgentAlgorithm(kind, socketPath, blob, 0)];
        }

        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; }
    }

    private sealed class AgentAlgorithm(string name, string socketPath, byte[] blob, uint flags) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        public override byte[] Sign(byte[] data)
        {
            var answer = new Reader(Ask(socketPath, [SignRequest, .. Text(blob), .. Text(data), .. Number(flags)]));
            return answer.Byte() == SignAnswer ? answer.Bytes()
                : throw new IOException("the ssh-agent does not sign with this key: it was refused, or the key is locked");
        }

        public override bool VerifySignature(byte[] data, byte[] signature) => false;
    }

    private sealed class Reader(byte[] bytes)
    {
        private int _at;

        public byte Byte() => Take(1)[0];

        public uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

        public byte[] Bytes()
        {
            uint length = Number();
            return length <= bytes.Length ? Take((int)length).ToArray() : throw new IOException("the ssh-agent's answer is cut short");
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (_at + count > bytes.Length)
            {
                throw new IOException("the ssh-agent's answer is cut short");
            }

            _at += count;
            return bytes.AsSpan(_at - count, count);
        }
    }
}
