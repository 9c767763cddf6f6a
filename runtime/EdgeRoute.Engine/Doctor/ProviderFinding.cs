using System.Text.Json.Serialization;

namespace EdgeRoute.Engine.Doctor;

/// <summary>What a small session with an execution provider came to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProviderState>))]
public enum ProviderState
{
    /// <summary>A session ran with it.</summary>
    [JsonStringEnumMemberName("works")]
    Works,

    /// <summary>It is there and did not work.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The library was built without it, or its own library is missing.</summary>
    [JsonStringEnumMemberName("absent")]
    Absent,

    /// <summary>It is compiled in and nobody asked for it.</summary>
    [JsonStringEnumMemberName("not_tried")]
    NotTried,
}

/// <param name="Detail">The library's own words.</param>
public sealed record ProviderFinding(string Name, ProviderState State, string Detail, bool IsNeeded);
