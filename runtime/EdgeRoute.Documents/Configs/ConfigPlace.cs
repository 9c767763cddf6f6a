namespace EdgeRoute.Documents.Configs;

/// <summary>A place in a config file; line and column count from 1, and 0 means the file as a whole.</summary>
public readonly record struct ConfigPlace(long Line, long Column);
