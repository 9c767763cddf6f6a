using System.Collections;
using System.Reflection;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.TestBench.Messages;

/// <summary>
/// Gives every public field of a message, and of the messages in it, a value of its own that is not the default; and finds the fields in
/// which two differ.
/// </summary>
internal static class MessageFiller
{
    public static IControlMessage Filled(ControlType type, int seed) => (IControlMessage)Value(type.Type, new Random(seed));

    /// <summary>Paths of the fields that differ.</summary>
    public static IEnumerable<string> Differences(object? one, object? other, string path = "")
    {
        if (one is null || other is null)
        {
            return ReferenceEquals(one, other) ? [] : [$"{path}: {one ?? "null"}, {other ?? "null"}"];
        }

        return (one, other) switch
        {
            (IControlMessage, IControlMessage) => Fields(one.GetType())
                .SelectMany(f => Differences(f.GetValue(one), f.GetValue(other), $"{path}.{f.Name}")),
            (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b) ? [] : [$"{path}: bytes"],
            (IList a, IList b) => a.Count != b.Count ? [$"{path}: {a.Count} items, {b.Count} items"]
                : Enumerable.Range(0, a.Count).SelectMany(i => Differences(a[i], b[i], $"{path}[{i}]")),
            _ => one.Equals(other) ? [] : [$"{path}: {one}, {other}"],
        };
    }

    public static IEnumerable<FieldInfo> Fields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public);

    private static object Value(Type type, Random random)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsAssignableTo(typeof(IControlMessage)))
        {
            object message = Activator.CreateInstance(type)!;
            foreach (var field in Fields(type))
            {
                // A flag that is set by default must come out false, every other one true.
                field.SetValue(message, field.FieldType == typeof(bool) ? !(bool)field.GetValue(message)! : Value(field.FieldType, random));
            }

            return message;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            var list = (IList)Activator.CreateInstance(type)!;
            for (int i = 0; i < 2; i++)
            {
                list.Add(Value(type.GetGenericArguments()[0], random));
            }

            return list;
        }

        return Simple(type, random);
    }

    private static object Simple(Type type, Random random) => type switch
    {
        _ when type == typeof(string) => $"wört {random.Next()}",
        _ when type == typeof(int) => random.Next(2, int.MaxValue),
        _ when type == typeof(long) => random.NextInt64(long.MinValue, -1),
        _ when type == typeof(double) => random.NextDouble() + 1,
        _ when type == typeof(byte[]) => BitConverter.GetBytes(random.NextInt64()),
        _ when type == typeof(float[]) => new[] { random.NextSingle(), -random.NextSingle() },
        _ when type == typeof(SettingValue) => random.Next(3) switch
        {
            0 => SettingValue.None,
            1 => SettingValue.Of($"word {random.Next()}"),
            _ => SettingValue.Of(random.NextDouble()),
        },
        _ => throw new NotSupportedException($"a message has a field of type {type}: say here how to fill it"),
    };
}
