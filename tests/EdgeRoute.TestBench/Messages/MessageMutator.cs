using EdgeRoute.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.TestBench.Messages;

/// <summary>
/// Damages valid messages: bits, lengths, types, order, size. One number decides everything that it does, so that a failure can be made
/// again.
/// </summary>
internal sealed class MessageMutator
{
    /// <summary>Mutations may double a message; more of that teaches nothing.</summary>
    private const int BytesMost = 16 << 10;

    /// <summary>Headers that promise much, values at the ends of their range, and the byte never used.</summary>
    private static readonly byte[][] Barbs =
    [
        [0xC1], [0xDD, 0xFF, 0xFF, 0xFF, 0xFF], [0xDF, 0x7F, 0xFF, 0xFF, 0xFF], [0xDB, 0x7F, 0xFF, 0xFF, 0xFF], [0xC6, 0xFF, 0xFF, 0xFF,
            0xFF], [0xC9, 0x80, 0, 0, 0, 5],
        [0xDC, 0xFF, 0xFF], [0xDE, 0xFF, 0xFF], [0xDA, 0xFF, 0xFF], [0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xD3, 0x80, 0,
            0, 0, 0, 0, 0, 0],
        [0xCB, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0], [0xCB, 0x7F, 0xF0, 0, 0, 0, 0, 0, 0], [0xA2, 0xC3, 0x28], [0xC0], [0x80], [0x90], [0xC4, 0],
        [0xD6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0xC0], [0x81, 0x81,
            0x81, 0xC0, 0xC0, 0xC0, 0xC0],
    ];

    private readonly byte[][] _seeds;
    private readonly int[][] _starts;

    /// <param name="seeds">Valid messages.</param>
    public MessageMutator(IEnumerable<byte[]> seeds)
    {
        _seeds = [.. seeds];
        _starts = [.. _seeds.Select(StartsOf)];
    }

    /// <summary>
    /// The message of a number: in one of 64 cases a valid one, in three random bytes, else a valid one with 1 to 4 wounds.
    /// </summary>
    public byte[] Make(int number)
    {
        var random = new Random(number);
        int which = random.Next(_seeds.Length), kind = random.Next(64);
        if (kind is > 0 and < 4)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        byte[] message = _seeds[which];
        for (int wounds = kind == 0 ? 0 : random.Next(1, 5), i = 0; i < wounds; i++)
        {
            // The starts of values are known until the first wound; afterwards a wound lands anywhere.
            int at = i == 0 ? _starts[which][random.Next(_starts[which].Length)] : random.Next(message.Length + 1);
            message = Wound(message, Math.Min(at, message.Length), random);
        }

        return message;
    }

    private byte[] Wound(byte[] message, int at, Random random)
    {
        byte[] bytes = random.Next(10) switch
        {
            0 => Flipped(message, random),
            1 => Poked(message, at, (byte)random.Next(256)),
            2 => Poked(message, at + random.Next(1, 5), Edge(random)),
            3 => message[..at],
            4 => [.. message[..at], .. Barbs[random.Next(Barbs.Length)], .. message[at..]],
            5 => [.. message[..at], .. Barbs[random.Next(Barbs.Length)], .. message[NextStart(message, at)..]],
            6 => [.. message[..at], .. message[NextStart(message, at)..]],
            7 => [.. message[..at], .. message[at..NextStart(message, at)], .. message[at..]],
            8 => Spliced(message, at, random),
            _ => [.. message[..at], .. message[Math.Min(message.Length, at + random.Next(1, 9))..]],
        };
        return bytes.Length <= BytesMost ? bytes : bytes[..BytesMost];
    }

    private byte[] Spliced(byte[] message, int at, Random random)
    {
        int other = random.Next(_seeds.Length);
        byte[] donor = _seeds[other];
        int from = _starts[other][random.Next(_starts[other].Length)];
        return [.. message[..at], .. donor[from..NextStart(donor, from)], .. message[NextStart(message, at)..]];
    }

    private static byte[] Flipped(byte[] message, Random random)
    {
        byte[] bytes = [.. message];
        for (int i = random.Next(1, 4); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private static byte[] Poked(byte[] message, int at, byte value)
    {
        byte[] bytes = [.. message];
        if (at < bytes.Length)
        {
            bytes[at] = value;
        }

        return bytes;
    }

    private static byte Edge(Random random) => random.Next(4) switch { 0 => 0, 1 => 1, 2 => 0x7F, _ => 0xFF };

    /// <summary>Where the value at a place ends, or the next byte where none can be read.</summary>
    private static int NextStart(byte[] message, int at)
    {
        try
        {
            return at + new MessageReader(message, at).Skip().Length;
        }
        catch (MessagePackException)
        {
            return Math.Min(at + 1, message.Length);
        }
    }

    /// <summary>Where each value of a message begins, those inside others as well.</summary>
    private static int[] StartsOf(byte[] message)
    {
        var starts = new List<int>();
        var reader = new MessageReader(message);
        while (!reader.IsAtEnd)
        {
            starts.Add(reader.Position);
            switch (reader.Peek())
            {
                case MessagePackType.Array:
                    reader.ReadArrayHeader();
                    break;
                case MessagePackType.Map:
                    reader.ReadMapHeader();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return [.. starts];
    }
}
