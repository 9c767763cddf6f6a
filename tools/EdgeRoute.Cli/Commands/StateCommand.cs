using System.CommandLine;
using System.Globalization;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary><c>edgeroute state</c>: tells a device what a robot knows of itself.</summary>
internal static class StateCommand
{
    private static readonly Argument<float[]> Values = new("values")
    {
        Description = "the robot's state, in the order and units of the pack; after '--' where the first is negative",
        Arity = new ArgumentArity(0, 256),
    };

    private static readonly Option<string?> Stream = new("--source", "--stream")
    {
        Description = "the stream; may be left out where the device has only one", HelpName = "SOURCE",
    };
    private static readonly Option<string?> Instruction = new("--instruction") { Description = "the task in words from now on; \"\" takes "
        + "it away", HelpName = "TEXT" };
    private static readonly Option<double> Age = new("--age") { Description = "how long ago it was measured, in milliseconds",
        HelpName = "MS" };

    public static Command Create() => DeviceVerb.Group("state", """
        Tells a device what a robot knows of itself, for packs that want it. The source needs state: { from: channel } in the device's
        config.

        Examples:
          edgeroute state put 0.1 -0.4 1
        """, DeviceVerb.Create("put", """
            Puts the robot's state, an instruction, or both. Frames captured from now on are told it until it is older than the source's
            max_age_ms; so for more than a try it is put again and again, by a program: put_state of the Python client.

            Examples:
              edgeroute state put 0.1 -0.4 1
              edgeroute state put --source arm --age 20 0.1 -0.4 1
              edgeroute state put --instruction "put the red star on the blue pad"
            """, PutAsync, Values, Stream, Instruction, Age));

    private static Task<int> PutAsync(DeviceCall call)
    {
        long ageTicks = (long)(call.Get(Age) * TimeSpan.TicksPerMillisecond);
        var request = new StatePutRequest
        {
            Stream = call.Get(Stream) ?? "", Values = call.Get(Values) ?? [], Instruction = call.Get(Instruction),
            UtcNs = ageTicks == 0 ? null : (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100 - (ageTicks * 100),
        };
        if (request.Values.Length == 0 && request.Instruction is null)
        {
            throw new ArgumentException("give the values of the state, or --instruction, or both");
        }

        return call.ShowAsync<StatePutReply>(ControlMethod.StatePut, request, reply => Console.Out.WriteLine(reply.IsUsed
            ? string.Create(CultureInfo.InvariantCulture, $"put; {reply.AgeMs:0.#} ms old when it arrived")
            : "not used: a state that was measured later is there already"));
    }
}
