using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Warren.Server.Logging;

/// <summary>Lays out one log entry as a JSON object on one line: time, level, msg, category, and an exception's text.</summary>
/// <remarks>Names are RabbitMQ's. Everything but printable ASCII is escaped, so that a line is one line everywhere.</remarks>
public static class LogJson
{
    /// <summary>Writes the entry with its line feed, UTF-8.</summary>
    public static void Write(in LogEntry entry, ArrayBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time.ToString(LogLine.TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("level", LogLine.NameOf(entry.Level));
            json.WriteString("msg", LogLine.Bounded(LogRedaction.Redact(entry.Text)));
            json.WriteString("category", LogLine.ShortCategory(entry.Category));
            if (entry.Exception is not null)
            {
                json.WriteString("exception", LogLine.Bounded(LogRedaction.Redact(entry.Exception.ToString())));
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
