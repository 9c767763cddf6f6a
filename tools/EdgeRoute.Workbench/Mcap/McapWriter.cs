using System.IO.Hashing;
using ZstdSharp;

namespace EdgeRoute.Workbench.Mcap;

/// <summary>
/// Writes an MCAP file from its first byte to its last, without going back: messages in chunks with their index, then the summary. Memory
/// holds one chunk, and some two hundred bytes for each chunk written. Not thread-safe.
/// </summary>
/// <remarks>
/// The layout is that of the published specification, version 0; every checksum that it knows is filled in. The stream should have no
/// buffer of its own: what is written is large, and a disk that is full is told at once.
/// </remarks>
internal sealed class McapWriter : IDisposable
{
    /// <summary>
    /// A chunk is what a viewer unpacks to show one instant: some seconds of decisions, or ten pictures of a camera.
    /// </summary>
    public const int ChunkBytes = 2 << 20;

    /// <summary>The library's own default: pictures hardly shrink at any level, decisions shrink to a tenth at this one.</summary>
    private const int ZstdLevel = 3;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P', (byte)'0', (byte)'\r', (byte)'\n'];

    private readonly Stream _stream;
    private readonly Compressor? _compressor;
    private readonly Crc32 _dataChecksum = new();
    private readonly FieldBuffer _record = new(), _chunk = new(), _chunkIndexes = new(), _metadataIndexes = new();
    private readonly List<McapSchema> _schemas = [];
    private readonly List<McapChannel> _channels = [];
    private readonly SummaryWriter _summary;
    private byte[] _packed = [];
    private TimeSpread _times, _chunkTimes;

    /// <param name="stream">Written from where it stands, which is the file's first byte; stays the caller's.</param>
    /// <param name="library">Who writes it, such as a program and its version.</param>
    /// <param name="isCompressed">Chunks by zstd, or as they are.</param>
    public McapWriter(Stream stream, string library, bool isCompressed)
    {
        (_stream, _compressor) = (stream, isCompressed ? new Compressor(ZstdLevel) : null);
        _summary = new SummaryWriter(this);
        Put(Magic);
        int begun = _record.BeginRecord(McapOpcode.Header);
        _record.Text("");
        _record.Text(library);
        _record.EndRecord(begun);
        PutRecord();
    }

    /// <summary>Of what has reached the stream.</summary>
    public long WrittenBytes { get; private set; }

    public long MessageCount { get; private set; }

    public int ChunkCount { get; private set; }

    /// <summary>The earliest and the latest message; zero without any.</summary>
    public TimeSpread Times => _times;

    public IReadOnlyList<McapChannel> Channels => _channels;

    private string Compression => _compressor is null ? "" : "zstd";

    /// <param name="jsonSchema">UTF-8 text of a JSON Schema of an object.</param>
    public McapSchema AddSchema(string name, byte[] jsonSchema)
    {
        var schema = new McapSchema(_schemas.Count + 1, name, jsonSchema);
        _schemas.Add(schema);
        return schema;
    }

    /// <summary>A channel of JSON messages. One without messages does not come into the file.</summary>
    public McapChannel AddChannel(McapSchema schema, string topic, IReadOnlyDictionary<string, string> metadata)
    {
        var channel = new McapChannel(_channels.Count + 1, schema, topic, metadata);
        _channels.Add(channel);
        return channel;
    }

    /// <param name="timeNs">Log and publish time.</param>
    /// <param name="message">A JSON object in UTF-8.</param>
    public void WriteMessage(McapChannel channel, uint sequence, ulong timeNs, ReadOnlySpan<byte> message)
    {
        Declare(channel);
        channel.Index.Add((timeNs, (ulong)_chunk.Length));
        int begun = _chunk.BeginRecord(McapOpcode.Message);
        _chunk.U16(channel.Id);
        _chunk.U32(sequence);
        _chunk.U64(timeNs);
        _chunk.U64(timeNs);
        _chunk.Bytes(message);
        _chunk.EndRecord(begun);
        channel.MessageCount++;
        MessageCount++;
        _times.Add(timeNs);
        _chunkTimes.Add(timeNs);
        if (_chunk.Length >= ChunkBytes)
        {
            PutChunk();
        }
    }

    public void WriteMetadata(string name, IReadOnlyDictionary<string, string> values)
    {
        int begun = _record.BeginRecord(McapOpcode.Metadata);
        _record.Text(name);
        _record.Texts(values);
        _record.EndRecord(begun);
        begun = _metadataIndexes.BeginRecord(McapOpcode.MetadataIndex);
        _metadataIndexes.U64((ulong)WrittenBytes);
        _metadataIndexes.U64((ulong)_record.Length);
        _metadataIndexes.Text(name);
        _metadataIndexes.EndRecord(begun);
        _summary.MetadataCount++;
        PutRecord();
    }

    /// <summary>Writes what is left and the summary; nothing may follow.</summary>
    public void Finish()
    {
        PutChunk();
        int begun = _record.BeginRecord(McapOpcode.DataEnd);
        _record.U32(_dataChecksum.GetCurrentHashAsUInt32());
        _record.EndRecord(begun);
        PutRecord();
        Put(_summary.Write());
        Put(Magic);
    }

    public void Dispose() => _compressor?.Dispose();

    /// <summary>A channel and its schema stand before its first message, in the same chunk.</summary>
    private void Declare(McapChannel channel)
    {
        if (!channel.Schema.IsDeclared)
        {
            channel.Schema.Write(_chunk);
            channel.Schema.IsDeclared = true;
        }

        if (channel.MessageCount == 0)
        {
            channel.Write(_chunk);
        }
    }

    private void PutChunk()
    {
        if (_chunk.Length == 0)
        {
            return;
        }

        long start = WrittenBytes;
        var stored = Pack(_chunk.Written);
        int begun = _record.BeginRecord(McapOpcode.Chunk);
        _record.U64(_chunkTimes.FirstNs);
        _record.U64(_chunkTimes.LastNs);
        _record.U64((ulong)_chunk.Length);
        _record.U32(Crc32.HashToUInt32(_chunk.Written));
        _record.Text(Compression);
        _record.U64((ulong)stored.Length);
        _record.EndRecord(begun, stored.Length);
        PutRecord();
        Put(stored);
        PutIndexes(start, WrittenBytes - start, stored.Length);
        _chunk.Clear();
        _chunkTimes = default;
        ChunkCount++;
    }

    private ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> records)
    {
        if (_compressor is null)
        {
            return records;
        }

        int bound = Compressor.GetCompressBound(records.Length);
        _packed = _packed.Length < bound ? new byte[bound] : _packed;
        return _packed.AsSpan(0, _compressor.Wrap(records, _packed));
    }

    /// <summary>The index of each channel's messages behind the chunk, and where they are, for the summary.</summary>
    private void PutIndexes(long start, long chunkLength, int storedLength)
    {
        long indexStart = WrittenBytes;
        int begun = _chunkIndexes.BeginRecord(McapOpcode.ChunkIndex);
        _chunkIndexes.U64(_chunkTimes.FirstNs);
        _chunkIndexes.U64(_chunkTimes.LastNs);
        _chunkIndexes.U64((ulong)start);
        _chunkIndexes.U64((ulong)chunkLength);
        int map = _chunkIndexes.BeginList();
        foreach (var channel in _channels.Where(c => c.Index.Count > 0))
        {
            _chunkIndexes.U16(channel.Id);
            _chunkIndexes.U64((ulong)WrittenBytes);
            channel.WriteIndex(_record);
            channel.Index.Clear();
            PutRecord();
        }

        _chunkIndexes.EndList(map);
        _chunkIndexes.U64((ulong)(WrittenBytes - indexStart));
        _chunkIndexes.Text(Compression);
        _chunkIndexes.U64((ulong)storedLength);
        _chunkIndexes.U64((ulong)_chunk.Length);
        _chunkIndexes.EndRecord(begun);
    }

    private void PutRecord()
    {
        Put(_record.Written);
        _record.Clear();
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            // So .NET says EFBIG: four gigabytes on many a USB stick.
            throw new IOException($"the file cannot grow beyond {WrittenBytes} bytes: its file system, or a limit of this user, allows no "
                + "larger one");
        }

        _dataChecksum.Append(bytes);
        WrittenBytes += bytes.Length;
    }

    /// <summary>The last part of the file: what is in it and where, group by group, each found by its offset.</summary>
    private sealed class SummaryWriter(McapWriter file)
    {
        private readonly FieldBuffer _summary = new(), _offsets = new();

        public int MetadataCount { get; set; }

        /// <summary>Summary, summary offsets and footer.</summary>
        public ReadOnlySpan<byte> Write()
        {
            ulong start = (ulong)file.WrittenBytes;
            foreach (var schema in file._schemas.Where(s => s.IsDeclared))
            {
                schema.Write(_summary);
            }

            int at = EndGroup(McapOpcode.Schema, start, 0);
            foreach (var channel in file._channels.Where(c => c.MessageCount > 0))
            {
                channel.Write(_summary);
            }

            at = EndGroup(McapOpcode.Channel, start, at);
            WriteStatistics();
            at = EndGroup(McapOpcode.Statistics, start, at);
            _summary.Bytes(file._metadataIndexes.Written);
            at = EndGroup(McapOpcode.MetadataIndex, start, at);
            _summary.Bytes(file._chunkIndexes.Written);
            at = EndGroup(McapOpcode.ChunkIndex, start, at);
            _summary.Bytes(_offsets.Written);
            WriteFooter(start, start + (ulong)at);
            return _summary.Written;
        }

        private int EndGroup(McapOpcode opcode, ulong start, int groupAt)
        {
            if (_summary.Length > groupAt)
            {
                int begun = _offsets.BeginRecord(McapOpcode.SummaryOffset);
                _offsets.U8((byte)opcode);
                _offsets.U64(start + (ulong)groupAt);
                _offsets.U64((ulong)(_summary.Length - groupAt));
                _offsets.EndRecord(begun);
            }

            return _summary.Length;
        }

        private void WriteStatistics()
        {
            int begun = _summary.BeginRecord(McapOpcode.Statistics);
            _summary.U64((ulong)file.MessageCount);
            _summary.U16(file._schemas.Count(s => s.IsDeclared));
            _summary.U32((uint)file._channels.Count(c => c.MessageCount > 0));
            _summary.U32(0);
            _summary.U32((uint)MetadataCount);
            _summary.U32((uint)file.ChunkCount);
            _summary.U64(file.Times.FirstNs);
            _summary.U64(file.Times.LastNs);
            int map = _summary.BeginList();
            foreach (var channel in file._channels.Where(c => c.MessageCount > 0))
            {
                _summary.U16(channel.Id);
                _summary.U64((ulong)channel.MessageCount);
            }

            _summary.EndList(map);
            _summary.EndRecord(begun);
        }

        /// <summary>The checksum covers the summary and the footer's fields before it.</summary>
        private void WriteFooter(ulong summaryStart, ulong offsetStart)
        {
            int begun = _summary.BeginRecord(McapOpcode.Footer);
            _summary.U64(summaryStart);
            _summary.U64(offsetStart);
            _summary.EndRecord(begun, sizeof(uint));
            _summary.U32(Crc32.HashToUInt32(_summary.Written));
        }
    }
}
