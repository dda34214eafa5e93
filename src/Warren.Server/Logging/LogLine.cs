using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Lays out one log entry as text: <c>2026-11-21 02:43:41.116726+00:00 [info] &lt;connection&gt; text</c>.</summary>
public static class LogLine
{
    // What a client sends may end up in a line; a line of any length would let it fill the disk.
    private const int LongestText = 8 * 1024;

    internal const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffffzzz";

    /// <summary>The entry with its line feed; an exception follows on lines of its own, indented.</summary>
    /// <remarks>Control characters are escaped, so that no text from outside can forge a line or drive a terminal.</remarks>
    public static string Format(in LogEntry entry)
    {
        (DateTimeOffset time, LogLevel level, string category, string text, Exception? exception) = entry;
        var line = new StringBuilder(64 + text.Length);
        line.Append(time.ToString(TimeFormat, CultureInfo.InvariantCulture));
        line.Append(" [").Append(NameOf(level)).Append("] <");
        AppendEscaped(line, ShortCategory(category));
        line.Append("> ");
        AppendEscaped(line, LogRedaction.Redact(text));
        line.Append('\n');
        if (exception is not null)
        {
            foreach (ReadOnlySpan<char> part in LogRedaction.Redact(exception.ToString()).AsSpan().EnumerateLines())
            {
                line.Append("  ");
                AppendEscaped(line, part.TrimEnd());
                line.Append('\n');
            }
        }

        return line.ToString();
    }

    internal static ReadOnlySpan<char> ShortCategory(string category) => category.AsSpan(category.LastIndexOf('.') + 1);

    internal static ReadOnlySpan<char> Bounded(string text) => text.Length > LongestText ? text.AsSpan(0, LongestText) : text;

    internal static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    private static void AppendEscaped(StringBuilder line, ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> shown = text.Length > LongestText ? text[..LongestText] : text;
        foreach (char c in shown)
        {
            // Line and paragraph separators end a line for some viewers; bidirectional marks reorder it.
            if (char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                line.Append(c);
            }
        }

        if (shown.Length < text.Length)
        {
            line.Append("...");
        }
    }
}
