using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Lists;

/// <summary>Names of the form <c>&lt;node.creation.id.serial&gt;</c> for what is an Erlang process in RabbitMQ.</summary>
/// <remarks>They come from the object's own name, so that close_connection finds the connection again.</remarks>
internal static class ProcessName
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>The name for an object of a node.</summary>
    public static string Of(string node, string name)
    {
        ulong hash = FnvOffset;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * FnvPrime;
        }

        uint creation = (uint)(hash >> 32) & 0x7FFFFFFF;
        uint id = (uint)hash & 0x7FFFFFFF;
        return string.Create(CultureInfo.InvariantCulture, $"<{node}.{creation}.{id}.0>");
    }

    /// <summary>The name for an item of the API, null when it has none itself.</summary>
    public static JsonNode? Of(JsonObject item, string key = "name") =>
        item[key]?.ToString() is { } name ? Of(item["node"]?.ToString() ?? "rabbit@localhost", name) : null;
}
