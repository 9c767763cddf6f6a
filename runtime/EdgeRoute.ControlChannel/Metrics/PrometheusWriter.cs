using System.Globalization;
using System.Text;
using EdgeRoute.ControlChannel.Watching;

namespace EdgeRoute.ControlChannel.Metrics;

/// <summary>
/// Writes the Prometheus text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). A family without samples is left
/// out.
/// </summary>
internal sealed class PrometheusWriter
{
    private readonly StringBuilder _text = new();
    private string _name = "", _head = "";

    public override string ToString() => _text.ToString();

    public PrometheusWriter Counter(string name, string help) => Family(name, "counter", help);

    /// <summary>Quantiles of what was lately.</summary>
    public PrometheusWriter Summary(string name, string help) => Family(name, "summary", help);

    public PrometheusWriter Histogram(string name, string help) => Family(name, "histogram", help);

    public PrometheusWriter Gauge(string name, string help) => Family(name, "gauge", help);

    /// <summary>A sample of the family begun last; a value that is not there, or no number, is left out.</summary>
    public PrometheusWriter Sample(double? value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (value is not { } number || double.IsNaN(number))
        {
            return this;
        }

        _text.Append(_head).Append(_name);
        _head = "";
        AddLabels(labels);
        _text.Append(' ').Append(Shown(number)).Append('\n');
        return this;
    }

    private static string Shown(double number) => number switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => number.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>The samples of a histogram: frames that took up to each bound, their sum and their number.</summary>
    public void Times(TimeTotal total, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        string family = _name;
        long count = 0;
        for (int i = 0; i < total.Counts.Count; i++)
        {
            count += total.Counts[i];
            double bound = i < TimeTotal.Bounds.Length ? TimeTotal.Bounds[i] : double.PositiveInfinity;
            _name = family + "_bucket";
            Sample(count, [.. labels, ("le", Shown(bound))]);
        }

        _name = family + "_sum";
        Sample(total.SumSeconds, labels);
        _name = family + "_count";
        Sample(count, labels);
        _name = family;
    }

    private PrometheusWriter Family(string name, string type, string help)
    {
        _name = name;
        _head = $"# HELP {name} {help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n# "
            + $"TYPE {name} {type}\n";
        return this;
    }

    private void AddLabels(ReadOnlySpan<(string Name, string Value)> labels)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            string escaped = labels[i].Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal);
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"").Append(escaped).Append('"');
        }

        _text.Append(labels.Length > 0 ? "}" : "");
    }
}
