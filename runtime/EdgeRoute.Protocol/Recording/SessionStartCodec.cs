using System.Buffers;
using System.Buffers.Binary;
using EdgeRoute.Core.Graphs;

namespace EdgeRoute.Protocol.Recording;

/// <summary>Session start to bytes and back: RECORDING.md section 4. Runs once per file, so it may allocate.</summary>
internal static class SessionStartCodec
{
    /// <exception cref="ArgumentException">The session breaks a maximum of the format; the message says which.</exception>
    public static byte[] Encode(SessionStart session)
    {
        Check(session);
        var target = new ArrayBufferWriter<byte>(4096);
        WriteI64(target, session.StartNs);
        WriteI64(target, session.UtcNs);
        WriteText(target, session.EngineVersion);
        target.Write(session.ConfigHash.Span);
        WriteU16(target, session.Sources.Count);
        foreach (var source in session.Sources)
        {
            WriteSource(target, source);
        }

        return target.WrittenCount <= RecordingFormat.SessionStartBytesLimit ? target.WrittenSpan.ToArray()
            : throw new ArgumentException($"The session start has {target.WrittenCount} bytes; at most "
                + $"{RecordingFormat.SessionStartBytesLimit} are possible. "
                + "Shorten the names of stages or the lists of keep ratios and input scales.");
    }

    /// <summary>False, with the reason, where the payload is not a session start.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> payload, out SessionStart? session, out string problem)
    {
        var reader = new PayloadReader(payload);
        long startNs = reader.ReadI64(), utcNs = reader.ReadI64();
        string version = reader.ReadText();
        byte[] hash = reader.ReadBytes(RecordingFormat.HashBytes);
        int count = reader.ReadCount(RecordingFormat.SourceLimit, "sources");
        var sources = new List<SessionSource>();
        for (int i = 0; i < count && reader.Problem.Length == 0; i++)
        {
            sources.Add(ReadSource(ref reader));
        }

        problem = reader.Problem;
        session = problem.Length == 0 ? new SessionStart(startNs, utcNs, version, hash, sources) : null;
        return session is not null;
    }

    private static void Check(SessionStart session)
    {
        CheckCount(session.Sources.Count, RecordingFormat.SourceLimit, "sources");
        CheckHash(session.ConfigHash, "config hash");
        foreach (var source in session.Sources)
        {
            CheckHash(source.ManifestHash, $"manifest hash of source '{source.Name}'");
            CheckCount(source.Nodes.Count, RouteTree.NodeLimit, $"route tree nodes of source '{source.Name}'");
            foreach (var node in source.Nodes)
            {
                CheckCount(node.Options.Count, RouteTree.OptionLimit, $"options of node '{node.PathName}'");
                if (node.Options.Any(o => (uint)o.NodeIndex >= (uint)source.Nodes.Count))
                {
                    throw new ArgumentException($"An option of node '{node.PathName}' leads to a node that does not exist.");
                }
            }
        }
    }

    private static void CheckCount(int count, int limit, string what)
    {
        if (count > limit)
        {
            throw new ArgumentException($"A recording holds at most {limit} {what}; there are {count}.");
        }
    }

    private static void CheckHash(ReadOnlyMemory<byte> hash, string what)
    {
        if (hash.Length != RecordingFormat.HashBytes)
        {
            throw new ArgumentException($"The {what} has {hash.Length} bytes; SHA-256 has {RecordingFormat.HashBytes}.");
        }
    }

    private static void WriteSource(ArrayBufferWriter<byte> target, SessionSource source)
    {
        WriteText(target, source.Name);
        WriteText(target, AddressText.WithoutSecrets(source.Address));
        WriteText(target, source.PackName);
        target.Write(source.ManifestHash.Span);
        WriteText(target, source.PolicyName);
        target.Write(source.CalibrationHash.Span);
        WriteU16(target, source.Nodes.Count);
        foreach (var node in source.Nodes)
        {
            WriteText(target, node.PathName);
            WriteU16(target, node.Options.Count);
            foreach (var option in node.Options)
            {
                target.Write([(byte)option.Kind]);
                WriteU16(target, option.NodeIndex);
                WriteText(target, option.Name);
            }
        }
    }

    private static SessionSource ReadSource(ref PayloadReader reader)
    {
        string name = reader.ReadText(), address = reader.ReadText(), pack = reader.ReadText();
        byte[] hash = reader.ReadBytes(RecordingFormat.HashBytes);
        string policy = reader.ReadText();
        byte[] calibration = reader.ReadBytes(RecordingFormat.HashBytes);
        int count = reader.ReadCount(RouteTree.NodeLimit, "route tree nodes");
        var nodes = new List<SessionNode>();
        for (int i = 0; i < count && reader.Problem.Length == 0; i++)
        {
            nodes.Add(ReadNode(ref reader, count));
        }

        return new SessionSource(name, address, pack, hash, policy, nodes) { CalibrationHash = calibration };
    }

    private static SessionNode ReadNode(ref PayloadReader reader, int nodeCount)
    {
        string path = reader.ReadText();
        int count = reader.ReadCount(RouteTree.OptionLimit, "options");
        var options = new List<SessionOption>();
        for (int i = 0; i < count && reader.Problem.Length == 0; i++)
        {
            var kind = (OptionKind)reader.ReadU8();
            int node = reader.ReadCount(nodeCount - 1, "as node index");
            options.Add(new SessionOption(kind, node, reader.ReadText()));
            if (kind is < OptionKind.Stop or > OptionKind.Escalate)
            {
                reader.Refuse($"option kind {(byte)kind} is not one of 1..5");
            }
        }

        return new SessionNode(path, options);
    }

    private static void WriteI64(ArrayBufferWriter<byte> target, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target.GetSpan(sizeof(long)), value);
        target.Advance(sizeof(long));
    }

    private static void WriteU16(ArrayBufferWriter<byte> target, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target.GetSpan(sizeof(ushort)), (ushort)value);
        target.Advance(sizeof(ushort));
    }

    private static void WriteText(ArrayBufferWriter<byte> target, string text)
    {
        var span = target.GetSpan(sizeof(ushort) + RecordingFormat.TextBytesLimit);
        int length = Utf8Text.Write(text, span.Slice(sizeof(ushort), RecordingFormat.TextBytesLimit));
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)length);
        target.Advance(sizeof(ushort) + length);
    }
}
