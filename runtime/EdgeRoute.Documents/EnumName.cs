namespace EdgeRoute.Documents;

/// <summary>
/// A word of a config or manifest and what it means. A class, so that code over lists of words is compiled once for all of them.
/// </summary>
public sealed record EnumName<T>(string Text, T Value);
