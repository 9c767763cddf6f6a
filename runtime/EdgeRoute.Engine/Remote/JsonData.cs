using System.Text.Json;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Remote;

/// <summary>Tensors as numbers in JSON: whole ones and the shortest that means the same bits.</summary>
internal static class JsonData
{
    /// <summary>In one list.</summary>
    /// <exception cref="ArgumentException">A value is not a number, which JSON cannot say.</exception>
    public static void Write(Utf8JsonWriter json, OrtTensor tensor)
    {
        json.WriteStartArray();
        for (int i = 0; Has(tensor, i); i++)
        {
            switch (tensor.ElementType)
            {
                case OrtElementType.Float:
                    json.WriteNumberValue(tensor.Floats[i]);
                    break;
                case OrtElementType.Float16:
                    json.WriteNumberValue((float)tensor.Halves[i]);
                    break;
                case OrtElementType.Int64:
                    json.WriteNumberValue(tensor.Longs[i]);
                    break;
                case OrtElementType.Int32:
                    json.WriteNumberValue(tensor.Ints[i]);
                    break;
                case OrtElementType.Bool:
                    json.WriteBooleanValue(tensor.Bytes[i] != 0);
                    break;
                default:
                    json.WriteNumberValue((int)tensor.Bytes[i]);
                    break;
            }
        }

        json.WriteEndArray();
    }

    /// <summary>In nested lists or in one. False: there are more or fewer values than the tensor has, or its type has no text.</summary>
    public static bool Read(ref Utf8JsonReader json, OrtTensor tensor)
    {
        int depth = 1, count = 0;
        bool fits = true;
        while (depth > 0 && json.Read())
        {
            if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            {
                depth += json.TokenType == JsonTokenType.StartArray ? 1 : -1;
            }
            else
            {
                fits = fits && Put(ref json, tensor, count);
                count++;
            }
        }

        return fits && count > 0 && !Has(tensor, count);
    }

    /// <summary>Whether the tensor has a value of that index.</summary>
    private static bool Has(OrtTensor tensor, int index) => tensor.ElementType switch
    {
        OrtElementType.Float => index < tensor.Floats.Length,
        OrtElementType.Float16 => index < tensor.Halves.Length,
        OrtElementType.Int64 => index < tensor.Longs.Length,
        OrtElementType.Int32 => index < tensor.Ints.Length,
        OrtElementType.UInt8 or OrtElementType.Bool => index < tensor.Bytes.Length,
        _ => false,
    };

    private static bool Put(ref Utf8JsonReader json, OrtTensor tensor, int index)
    {
        if (!Has(tensor, index))
        {
            return false;
        }

        switch (tensor.ElementType)
        {
            case OrtElementType.Float:
                tensor.Floats[index] = json.GetSingle();
                break;
            case OrtElementType.Float16:
                tensor.Halves[index] = (Half)json.GetSingle();
                break;
            case OrtElementType.Int64:
                tensor.Longs[index] = json.GetInt64();
                break;
            case OrtElementType.Int32:
                tensor.Ints[index] = json.GetInt32();
                break;
            case OrtElementType.Bool:
                tensor.Bytes[index] = json.GetBoolean() ? (byte)1 : (byte)0;
                break;
            default:
                tensor.Bytes[index] = json.GetByte();
                break;
        }

        return true;
    }
}
