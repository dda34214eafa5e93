using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Warren.Management.Prometheus;

/// <summary>Writes metrics in Prometheus' text format 0.0.4, a piece at a time, however many there are.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class MetricText
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4";

    private const int PieceChars = 32 * 1024;

    private readonly PipeWriter _output;
    private readonly StringBuilder _text = new();

    /// <summary>Writes to a pipe.</summary>
    public MetricText(PipeWriter output) => _output = output;

    /// <summary>Type and meaning of the series that follow.</summary>
    public void Head(string prefix, Metric metric)
    {
        string type = metric.Type switch
        {
            MetricType.Counter => "counter",
            MetricType.Gauge => "gauge",
            MetricType.Histogram => "histogram",
            _ => "untyped",
        };
        _text.Append("# TYPE ").Append(prefix).Append(metric.Name).Append(' ').Append(type).Append('\n');
        _text.Append("# HELP ").Append(prefix).Append(metric.Name).Append(' ').Append(metric.Help).Append('\n');
    }

    /// <summary>One value.</summary>
    /// <param name="prefix">First part of the name.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="labels">As <see cref="Labels"/> makes them; empty for none.</param>
    /// <param name="value">The value.</param>
    /// <param name="part">Of a histogram, which part of it.</param>
    public void Value(string prefix, Metric metric, string labels, double value, string part = "")
    {
        _text.Append(prefix).Append(metric.Name).Append(part);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ');
        if (value is >= long.MinValue and <= long.MaxValue && Math.Floor(value) == value)
        {
            _text.Append(((long)value).ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            _text.Append(value.ToString("R", CultureInfo.InvariantCulture));
        }

        _text.Append('\n');
    }

    /// <summary>A metric with one series without labels.</summary>
    public void Single(string prefix, Metric metric, double value)
    {
        Head(prefix, metric);
        Value(prefix, metric, "", value);
    }

    /// <summary>Hands on what was written, once there is enough of it or <paramref name="isEnd"/> says so.</summary>
    public async ValueTask FlushAsync(bool isEnd, CancellationToken cancellationToken)
    {
        if (_text.Length < PieceChars && !isEnd)
        {
            return;
        }

        foreach (ReadOnlyMemory<char> chunk in _text.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, _output);
        }

        _text.Clear();
        await _output.FlushAsync(cancellationToken);
    }

    /// <summary>Labels as they stand between the braces.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (char c in value)
            {
                switch (c)
                {
                    case '\\':
                        text.Append("\\\\");
                        break;
                    case '"':
                        text.Append("\\\"");
                        break;
                    case '\n':
                        text.Append("\\n");
                        break;
                    default:
                        text.Append(c);
                        break;
                }
            }

            text.Append('"');
        }

        return text.ToString();
    }
}
