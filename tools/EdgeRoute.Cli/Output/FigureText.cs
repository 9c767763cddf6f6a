using System.Globalization;

namespace EdgeRoute.Cli.Output;

/// <summary>Figures as people read them, the same everywhere; "-" stands for what nothing measures.</summary>
internal static class FigureText
{
    public const string None = "-";

    private static readonly string[] Sizes = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Of(double? value, string format) => value is { } number && double.IsFinite(number)
        ? number.ToString(format, CultureInfo.InvariantCulture) : None;

    /// <summary>Three figures or so: 0.42, 6.31, 33.3, 512.</summary>
    public static string Short(double? value) => Of(value, Math.Abs(value ?? 0) switch { >= 100 => "0", >= 10 => "0.0", _ => "0.00" });

    public static string Ms(double? value) => value is { } number && double.IsFinite(number) ? Short(number) + " ms" : None;

    /// <summary>A share in [0, 1] as whole percents, or with one decimal below ten.</summary>
    public static string Percent(double? share) => share is { } value && double.IsFinite(value)
        ? Of(100 * value, value is > 0 and < 0.0995 ? "0.#" : "0") + " %" : None;

    public static string Quality(double? value) => Of(value, "0.000");

    /// <summary>Gain per millisecond: small numbers whose first figures matter.</summary>
    public static string Price(double? value) => Of(value, "0.#####");

    public static string Bytes(long? count)
    {
        if (count is not { } left)
        {
            return None;
        }

        double value = left;
        int unit = 0;
        for (; value >= 1024 && unit < Sizes.Length - 1; unit++)
        {
            value /= 1024;
        }

        return unit == 0 ? $"{left} B" : $"{Short(value)} {Sizes[unit]}";
    }

    public static string Duration(double? seconds) => seconds switch
    {
        null or double.NaN => None,
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 => $"{(long)seconds / 60} min {(long)seconds % 60} s",
        < 172800 => $"{(long)seconds / 3600} h {(long)seconds / 60 % 60} min",
        _ => $"{(long)seconds / 86400} d {(long)seconds / 3600 % 24} h",
    };

    /// <param name="zone">Null: this machine's, since the person who reads it sits here.</param>
    public static string Time(long utcNs, TimeZoneInfo? zone = null) => At(utcNs, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Date(long utcNs) => At(utcNs, null).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static DateTime At(long utcNs, TimeZoneInfo? zone) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.UnixEpoch.AddTicks(utcNs / 100),
        zone ?? TimeZoneInfo.Local);
}
