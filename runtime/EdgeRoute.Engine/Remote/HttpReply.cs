using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// An answer of HTTP/1.1 in one buffer: head, then body, whether its length is told, it comes in chunks, or it ends with the connection.
/// Used again for each answer; reading one allocates nothing where it is sound.
/// </summary>
internal sealed class HttpReply
{
    /// <summary>Servers of inference send some 300 bytes.</summary>
    private const int HeadBytesMost = 16 * 1024;

    private const int OkStatus = 200;

    /// <summary>What a server says went wrong is told up to here.</summary>
    private const int WordsMost = 200;

    private byte[] _buffer = new byte[HeadBytesMost];
    private int _end, _bodyStart, _bodyLength, _most;
    private bool _isChunked;

    public int Status { get; private set; }

    public bool IsOk => Status == OkStatus;

    /// <summary>The bytes of JSON that the body begins with; all of it where the head does not tell.</summary>
    public int JsonLength { get; private set; }

    /// <summary>No other answer can be had over this connection.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Head and body.</summary>
    public int ByteCount { get; private set; }

    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _bodyLength);

    public ReadOnlySpan<byte> Json => Body[..JsonLength];

    /// <summary>The tensors behind the JSON.</summary>
    public ReadOnlySpan<byte> Rest => Body[JsonLength..];

    /// <summary>What a refusal says, in short.</summary>
    public string Words
    {
        get
        {
            string text = Encoding.UTF8.GetString(Body[..Math.Min(_bodyLength, WordsMost)]);
            string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
            return $"HTTP {Status}{(line.Length > 0 ? $": {line}" : "")}";
        }
    }

    /// <param name="bodyBytesMost">A longer body is a fault: nothing that was asked for is as long.</param>
    /// <exception cref="RemoteFaultException">It is cut off, late, too long, or no answer of HTTP.</exception>
    public void Read(RemoteLink link, int bodyBytesMost)
    {
        (_end, _most) = (0, bodyBytesMost);
        int head;
        do
        {
            (_isChunked, IsLast, JsonLength) = (false, false, -1);
            head = ReadHead(link);
        }
        while (Status is >= 100 and < 200);
        _bodyStart = head;
        ReadBody(link);
        ByteCount = Math.Max(_end, _bodyStart + _bodyLength);
        JsonLength = JsonLength < 0 ? _bodyLength : JsonLength;
        if (JsonLength > _bodyLength)
        {
            throw new RemoteFaultException($"its answer says that {JsonLength} bytes of JSON come, and has {_bodyLength} bytes");
        }
    }

    /// <summary>Where the body begins.</summary>
    private int ReadHead(RemoteLink link)
    {
        int found;
        while ((found = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (_end >= HeadBytesMost)
            {
                throw new RemoteFaultException($"its answer has more than {HeadBytesMost} bytes of head; is that an inference server?");
            }

            Fill(link, HeadBytesMost, "within its head");
        }

        _bodyLength = -1;
        ParseHead(_buffer.AsSpan(0, found));
        if (Status is >= 100 and < 200)
        {
            // It says that it goes on; the answer itself follows.
            _buffer.AsSpan(found + 4, _end - found - 4).CopyTo(_buffer);
            _end -= found + 4;
        }

        return found + 4;
    }

    private void ParseHead(ReadOnlySpan<byte> head)
    {
        int lineEnd = LineEnd(head);
        var first = head[..lineEnd];
        bool isHttp = first.Length >= 12 && first.StartsWith("HTTP/1."u8)
            && int.TryParse(first.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        if (!isHttp)
        {
            throw new RemoteFaultException("it does not speak HTTP/1; is that port its HTTP port, and TLS as the address says?");
        }

        Status = int.Parse(first.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        IsLast = first[7] == (byte)'0';
        for (var rest = head[Math.Min(lineEnd + 2, head.Length)..]; rest.Length > 0;)
        {
            int end = LineEnd(rest);
            ParseHeader(rest[..end]);
            rest = rest[Math.Min(end + 2, rest.Length)..];
        }
    }

    private static int LineEnd(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf("\r\n"u8);
        return end < 0 ? text.Length : end;
    }

    private void ParseHeader(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        var name = line[..Math.Max(colon, 0)];
        var value = line[(colon + 1)..];
        value = value[Ascii.Trim(value)];
        if (Ascii.EqualsIgnoreCase(name, "content-length"u8))
        {
            int length = NumberOf(value, "content-length");
            _bodyLength = _bodyLength < 0 || _bodyLength == length ? length
                : throw new RemoteFaultException($"its answer has two lengths, {_bodyLength} and {length} bytes");
        }
        else if (Ascii.EqualsIgnoreCase(name, "inference-header-content-length"u8))
        {
            JsonLength = NumberOf(value, "inference-header-content-length");
        }
        else if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
        {
            _isChunked = Ascii.EqualsIgnoreCase(value, "chunked"u8) ? true
                : throw new RemoteFaultException($"its answer is encoded as '{Encoding.Latin1.GetString(value)}', which nobody asked for");
        }
        else if (Ascii.EqualsIgnoreCase(name, "connection"u8))
        {
            IsLast |= Ascii.EqualsIgnoreCase(value, "close"u8);
        }
    }

    private int NumberOf(ReadOnlySpan<byte> value, string header)
    {
        bool isNumber = Utf8Parser.TryParse(value, out int number, out int used) && used == value.Length && number >= 0;
        if (!isNumber || number > _most)
        {
            throw new RemoteFaultException($"its answer's {header} is '{Encoding.Latin1.GetString(value)}'; at most {_most} bytes "
                + "can be meant here");
        }

        return number;
    }

    private void ReadBody(RemoteLink link)
    {
        if (_isChunked)
        {
            ReadChunks(link);
        }
        else if (_bodyLength >= 0)
        {
            Need(link, _bodyStart + _bodyLength);
            IsLast |= _end > _bodyStart + _bodyLength;
        }
        else
        {
            ReadToEnd(link);
        }
    }

    private void ReadToEnd(RemoteLink link)
    {
        IsLast = true;
        for (int count = 1; count > 0 && _end < _bodyStart + _most; _end += count)
        {
            MakeRoom(_end + 1);
            count = link.Receive(_buffer.AsSpan(_end));
        }

        _bodyLength = _end - _bodyStart;
    }

    /// <summary>The sizes between the chunks are taken out where they lie.</summary>
    private void ReadChunks(RemoteLink link)
    {
        int written = _bodyStart, at = _bodyStart;
        while (true)
        {
            int line = LineAt(link, at);
            if (!Utf8Parser.TryParse(_buffer.AsSpan(at, line - at), out int size, out int used, 'x') || used == 0 || size < 0
                || size > _most)
            {
                throw new RemoteFaultException("its answer has a chunk without a size");
            }

            at = line + 2;
            if (size == 0)
            {
                break;
            }

            Need(link, at + size + 2);
            _buffer.AsSpan(at, size).CopyTo(_buffer.AsSpan(written));
            (written, at) = (written + size, at + size + 2);
        }

        // Trailers, then an empty line.
        for (int line = LineAt(link, at); line > at; line = LineAt(link, at))
        {
            at = line + 2;
        }

        IsLast |= _end > at + 2;
        _bodyLength = written - _bodyStart;
    }

    /// <summary>Where the line that begins at a place ends.</summary>
    private int LineAt(RemoteLink link, int at)
    {
        int found;
        while ((found = _buffer.AsSpan(at, Math.Max(_end - at, 0)).IndexOf("\r\n"u8)) < 0)
        {
            Fill(link, Most, "between two chunks");
        }

        return at + found;
    }

    /// <summary>Head and body, with as much again for what stands between chunks.</summary>
    private int Most => (int)Math.Min(HeadBytesMost + (2L * _most), Array.MaxLength);

    private void MakeRoom(int length)
    {
        if (length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(length, Math.Min(_buffer.Length * 2, Most)));
        }
    }

    private void Need(RemoteLink link, int end)
    {
        while (_end < end)
        {
            MakeRoom(end);
            Fill(link, Most, "before its end");
        }
    }

    private void Fill(RemoteLink link, int limit, string where)
    {
        if (_end >= limit)
        {
            throw new RemoteFaultException($"its answer is longer than the {_most} bytes that can be meant");
        }

        MakeRoom(_end + 1);
        int count = link.Receive(_buffer.AsSpan(_end, Math.Min(limit, _buffer.Length) - _end));
        _end += count;
        if (count == 0)
        {
            throw new RemoteFaultException(_end == 0 ? "it closed the connection instead of answering"
                : $"its answer ends {where}, after {_end} bytes") { IsClosed = _end == 0 };
        }
    }
}
