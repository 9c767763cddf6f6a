using System.Globalization;

namespace EdgeRoute.Protocol.Control;

/// <summary>What a change wants of one setting: nothing (it stays), none (it is taken away), a number, or a word.</summary>
public readonly record struct SettingValue
{
    private SettingValue(double? number, string? text) => (IsGiven, Number, Text) = (true, number, text);

    public bool IsGiven { get; }

    public double? Number { get; }

    public string? Text { get; }

    public bool IsNone => IsGiven && Number is null && Text is null;

    public static SettingValue None { get; } = new(null, null);

    /// <exception cref="ArgumentOutOfRangeException">Not a finite number: on its way it would become none, which takes the setting
    /// away.</exception>
    public static SettingValue Of(double number) => double.IsFinite(number) ? new(number, null)
        : throw new ArgumentOutOfRangeException(nameof(number), number, "a setting is a finite number, a word or none");

    public static SettingValue Of(string text) => new(null, text);

    public override string ToString() => !IsGiven ? "unchanged"
        : Text ?? Number?.ToString("0.#########", CultureInfo.InvariantCulture) ?? "none";
}
