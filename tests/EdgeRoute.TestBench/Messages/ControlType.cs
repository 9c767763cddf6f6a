using System.Buffers;
using System.Reflection;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.TestBench.Messages;

/// <summary>One kind of control message, found by reflection, so that no test has a list to be forgotten.</summary>
internal sealed record ControlType(Type Type, Func<byte[], IControlMessage> ReadStrict, Func<byte[], IControlMessage> Read)
{
    public static IReadOnlyList<ControlType> All { get; } =
    [
        .. typeof(IControlMessage).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IControlMessage)))
            .OrderBy(t => t.FullName, StringComparer.Ordinal).Select(Of),
    ];

    public string Name => Type.Name;

    public IControlMessage Make() => (IControlMessage)Activator.CreateInstance(Type)!;

    public static ControlType Named(string name) => All.Single(t => t.Name == name);

    public static byte[] BytesOf(IControlMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, message);
        return buffer.WrittenSpan.ToArray();
    }

    private static ControlType Of(Type type) => new(type, Reader(type, nameof(Strict)), Reader(type, nameof(Lenient)));

    private static Func<byte[], IControlMessage> Reader(Type type, string name) =>
        typeof(ControlType).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type)
            .CreateDelegate<Func<byte[], IControlMessage>>();

    private static IControlMessage Strict<T>(byte[] bytes) where T : IControlMessage, new() => FieldReader.ReadStrict<T>(bytes);

    private static IControlMessage Lenient<T>(byte[] bytes) where T : IControlMessage, new() => FieldReader.Read<T>(bytes);
}
