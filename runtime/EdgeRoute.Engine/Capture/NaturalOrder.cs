namespace EdgeRoute.Engine.Capture;

/// <summary>
/// The order that people mean by numbered names: digits are compared as the number they write, all else by its characters. So frame2 comes
/// before frame10, whether or not the numbers are padded; equal but for padding, the shorter name comes first.
/// </summary>
internal static class NaturalOrder
{
    /// <summary>Less than, equal to or greater than 0, as the first name comes before, with or after the second.</summary>
    public static int Compare(string first, string second)
    {
        int i = 0, j = 0;
        while (i < first.Length && j < second.Length)
        {
            bool areNumbers = char.IsAsciiDigit(first[i]) && char.IsAsciiDigit(second[j]);
            int order = areNumbers ? CompareNumbers(NumberAt(first, ref i), NumberAt(second, ref j)) : first[i++].CompareTo(second[j++]);
            if (order != 0)
            {
                return order;
            }
        }

        int rest = (first.Length - i).CompareTo(second.Length - j);
        int length = rest != 0 ? rest : first.Length.CompareTo(second.Length);
        return length != 0 ? length : string.CompareOrdinal(first, second);
    }

    /// <summary>The digits from a place on, without zeros in front; the place moves behind them.</summary>
    private static ReadOnlySpan<char> NumberAt(string name, ref int at)
    {
        int start = at;
        while (at < name.Length && char.IsAsciiDigit(name[at]))
        {
            at++;
        }

        return name.AsSpan(start, at - start).TrimStart('0');
    }

    private static int CompareNumbers(ReadOnlySpan<char> first, ReadOnlySpan<char> second) =>
        first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
}
