namespace EdgeRoute.Documents.Configs;

/// <summary>What came of reading a config: the config, or every reason why there is none.</summary>
/// <param name="Config">Null exactly when there are problems.</param>
public sealed record DeviceConfigReading(DeviceConfig? Config, IReadOnlyList<ConfigProblem> Problems);
