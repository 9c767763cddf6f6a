using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Remote;

/// <summary>
/// A run of a model as one request, and its answer read into tensors. In binary the head is made once: names, shapes and sizes of a variant
/// stay, but for the length of a picture. Sending and reading allocate nothing once the buffers have their size.
/// </summary>
internal sealed class InferRequest
{
    /// <summary>The JSON of an answer names a few tensors.</summary>
    private const int JsonBytesMost = 64 * 1024;

    /// <summary>Digits of a length.</summary>
    private const int NumberBytes = 10;

    /// <summary>An answer that gives numbers as text takes up to so many bytes for each.</summary>
    private const int TextBytesOfValue = 26;

    private readonly IReadOnlyList<RemoteTensor> _inputs, _outputs;
    private readonly byte[] _head;
    private readonly bool[] _isRead;
    private readonly int _replyMost, _jsonAt, _lengthAt;
    private int _pictureLengthAt;

    /// <summary>Of a request whose tensors are text; null in binary.</summary>
    private readonly ArrayBufferWriter<byte>? _text;
    private readonly Utf8JsonWriter? _textJson;

    public InferRequest(EngineAddress address, string modelPath, TensorForm form, IReadOnlyList<RemoteTensor> inputs,
        IReadOnlyList<RemoteTensor> outputs)
    {
        (_inputs, _outputs) = (inputs, outputs);
        string first = $"POST {modelPath}/infer HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: ";
        if (form == TensorForm.Json)
        {
            _head = Encoding.Latin1.GetBytes($"{first}application/json\r\nContent-Length: ");
            _text = new ArrayBufferWriter<byte>();
            _textJson = new Utf8JsonWriter(_text);
        }
        else
        {
            var json = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(json))
            {
                WriteJson(writer, isText: false);
            }

            byte[] head = Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{first}application/octet-stream\r\n"
                + $"Inference-Header-Content-Length: {json.WrittenCount}\r\nContent-Length: {0:d10}\r\n\r\n"));
            _head = [.. head, .. json.WrittenSpan];
            (_jsonAt, _lengthAt) = (head.Length, head.Length - NumberBytes - "\r\n\r\n".Length);
        }

        _replyMost = ReplyBytesMost(outputs);
        _isRead = new bool[outputs.Count];
    }

    /// <summary>What goes out, or went out last.</summary>
    public int ByteCount { get; private set; }

    /// <summary>No answer with these outputs is longer, however it gives them.</summary>
    public static int ReplyBytesMost(IReadOnlyList<RemoteTensor> outputs)
    {
        long most = outputs.Sum(t => (long)TextBytesOfValue * ValueCount(t.Tensor));
        return (int)Math.Min(JsonBytesMost + most, int.MaxValue / 4);
    }

    /// <summary>Sends the inputs and reads the outputs.</summary>
    /// <exception cref="RemoteFaultException">The outputs hold nothing that may be used.</exception>
    /// <param name="reply">What the answer is read into.</param>
    public void Run(RemoteLink link, HttpReply reply, double limitMs)
    {
        link.Until(limitMs);
        for (int i = 0; i < _inputs.Count; i++)
        {
            _inputs[i].Fill();
        }

        if (_text is not null)
        {
            SendText(link, _text, _textJson!);
        }
        else
        {
            TellLengths();
            link.Send(_head);
            for (int i = 0; i < _inputs.Count; i++)
            {
                link.Send(_inputs[i].Bytes);
            }
        }

        reply.Read(link, _replyMost);
        if (!reply.IsOk)
        {
            throw new RemoteFaultException($"it refused to run the model ({reply.Words})");
        }

        try
        {
            ReadOutputs(reply);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            throw new RemoteFaultException($"its answer is no answer of the protocol ({fault.Message})", inner: fault);
        }
    }

    /// <summary>Into the head: of the whole, and of a picture, which is of another length each time.</summary>
    private void TellLengths()
    {
        int length = 0;
        for (int i = 0; i < _inputs.Count; i++)
        {
            length += _inputs[i].Bytes.Length;
            if (_inputs[i].Picture is not null)
            {
                var told = _head.AsSpan(_jsonAt + _pictureLengthAt, NumberBytes);
                _ = Utf8Formatter.TryFormat(_inputs[i].Bytes.Length, told, out int digits);
                told[digits..].Fill((byte)' ');
            }
        }

        _ = Utf8Formatter.TryFormat(_head.Length - _jsonAt + length, _head.AsSpan(_lengthAt, NumberBytes), out _,
            new StandardFormat('D', NumberBytes));
        ByteCount = _head.Length + length;
    }

    private void SendText(RemoteLink link, ArrayBufferWriter<byte> text, Utf8JsonWriter json)
    {
        text.ResetWrittenCount();
        json.Reset();
        try
        {
            WriteJson(json, isText: true);
            json.Flush();
        }
        catch (ArgumentException fault)
        {
            throw new RemoteFaultException("a value is not a number, which JSON cannot say; write 'tensors: binary'", inner: fault);
        }

        Span<byte> length = stackalloc byte[16];
        _ = Utf8Formatter.TryFormat(text.WrittenCount, length, out int digits);
        "\r\n\r\n"u8.CopyTo(length[digits..]);
        link.Send(_head);
        link.Send(length[..(digits + 4)]);
        link.Send(text.WrittenSpan);
        ByteCount = _head.Length + digits + 4 + text.WrittenCount;
    }

    private static long ValueCount(OrtTensor tensor)
    {
        long count = 1;
        foreach (long size in tensor.Shape)
        {
            count *= size;
        }

        return count;
    }

    private void WriteJson(Utf8JsonWriter json, bool isText)
    {
        json.WriteStartObject();
        json.WriteStartArray("inputs"u8);
        for (int i = 0; i < _inputs.Count; i++)
        {
            WriteInput(json, _inputs[i], isText);
        }

        json.WriteEndArray();
        json.WriteStartArray("outputs"u8);
        for (int i = 0; i < _outputs.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, _outputs[i].NameBytes);
            json.WriteStartObject("parameters"u8);
            json.WriteBoolean("binary_data"u8, !isText);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteInput(Utf8JsonWriter json, RemoteTensor input, bool isText)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, input.NameBytes);
        json.WriteString("datatype"u8, input.DatatypeBytes);
        json.WriteStartArray("shape"u8);
        foreach (long size in input.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        if (isText)
        {
            json.WritePropertyName("data"u8);
            JsonData.Write(json, input.Tensor);
        }
        else
        {
            json.WriteStartObject("parameters"u8);
            json.WritePropertyName("binary_data_size"u8);
            if (input.Picture is null)
            {
                json.WriteNumberValue(input.Tensor.ByteCount);
            }
            else
            {
                // A number with room behind it: the blanks of JSON.
                _pictureLengthAt = (int)(json.BytesCommitted + json.BytesPending);
                json.WriteRawValue("0         "u8, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void ReadOutputs(HttpReply reply)
    {
        _isRead.AsSpan().Clear();
        var json = new Utf8JsonReader(reply.Json);
        int at = 0;
        Step(ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isOutputs = json.ValueTextEquals("outputs"u8);
            json.Read();
            if (!isOutputs)
            {
                json.Skip();
                continue;
            }

            while (json.Read() && json.TokenType == JsonTokenType.StartObject)
            {
                at += ReadOutput(ref json, reply.Rest[Math.Min(at, reply.Rest.Length)..]);
            }
        }

        int missing = _isRead.AsSpan().IndexOf(false);
        if (missing >= 0)
        {
            throw new RemoteFaultException($"its answer lacks output '{_outputs[missing].Name}'");
        }
    }

    /// <summary>Returns how many bytes behind the JSON it has.</summary>
    private int ReadOutput(ref Utf8JsonReader json, ReadOnlySpan<byte> rest)
    {
        int index = -1, size = -1, rank = -1;
        bool isTyped = false;
        Span<long> shape = stackalloc long[OrtTensor.MaxRank];
        Utf8JsonReader name = default, type = default, data = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("name"u8))
            {
                json.Read();
                name = json;
                index = IndexOf(ref name);
            }
            else if (json.ValueTextEquals("datatype"u8))
            {
                json.Read();
                type = json;
                isTyped = true;
            }
            else if (json.ValueTextEquals("shape"u8))
            {
                json.Read();
                rank = ReadShape(ref json, shape);
            }
            else if (json.ValueTextEquals("parameters"u8))
            {
                json.Read();
                size = SizeOf(ref json);
            }
            else if (json.ValueTextEquals("data"u8))
            {
                json.Read();
                data = json;
                json.Skip();
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        if (index >= 0)
        {
            var output = _outputs[index];
            Require(isTyped && type.ValueTextEquals(output.DatatypeBytes), output, "another datatype than the model has here");
            Require(rank == output.Tensor.Shape.Length && shape[..rank].SequenceEqual(output.Tensor.Shape), output,
                "another shape than the model gives here");
            Take(output.Tensor, size, rest, data, output);
            _isRead[index] = true;
        }

        return Math.Max(size, 0);
    }

    private static void Take(OrtTensor tensor, int size, ReadOnlySpan<byte> rest, Utf8JsonReader data, RemoteTensor output)
    {
        if (size >= 0)
        {
            Require(size == tensor.ByteCount && size <= rest.Length, output, "another number of bytes than its shape takes");
            rest[..size].CopyTo(tensor.Bytes);
            return;
        }

        Require(data.TokenType == JsonTokenType.StartArray, output, "no data");
        Require(JsonData.Read(ref data, tensor), output, "another number of values than its shape has, or of another type");
    }

    private static void Require(bool holds, RemoteTensor output, string words)
    {
        if (!holds)
        {
            throw new RemoteFaultException($"output '{output.Name}' of its answer has {words}");
        }
    }

    private int IndexOf(ref Utf8JsonReader name)
    {
        for (int i = 0; i < _outputs.Count; i++)
        {
            if (name.ValueTextEquals(_outputs[i].NameBytes))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>How many sizes it has; more than a tensor can have are -1.</summary>
    private static int ReadShape(scoped ref Utf8JsonReader json, scoped Span<long> shape)
    {
        int rank = 0;
        while (json.Read() && json.TokenType == JsonTokenType.Number)
        {
            if (rank < shape.Length)
            {
                shape[rank] = json.GetInt64();
            }

            rank++;
        }

        return rank <= shape.Length ? rank : -1;
    }

    /// <summary>-1 where the tensor is not in binary.</summary>
    private static int SizeOf(ref Utf8JsonReader json)
    {
        int size = -1;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return size;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isSize = json.ValueTextEquals("binary_data_size"u8);
            json.Read();
            size = isSize ? json.GetInt32() : size;
            json.Skip();
        }

        return size;
    }

    private static void Step(ref Utf8JsonReader json, JsonTokenType wanted)
    {
        if (!json.Read() || json.TokenType != wanted)
        {
            throw new RemoteFaultException("its answer is no JSON object");
        }
    }
}
