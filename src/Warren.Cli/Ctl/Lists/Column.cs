using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Lists;

/// <summary>One column of a list command: its name in RabbitMQ's tools and how to read it from an item of the API.</summary>
/// <param name="Name">The name.</param>
/// <param name="Read">The value, null when the item has none.</param>
/// <param name="Source">The top-level key of the item it needs; what is asked from the API as <c>columns</c>.</param>
internal sealed record Column(string Name, Func<JsonObject, JsonNode?> Read, string Source)
{
    /// <summary>A column that is called as the key of the item.</summary>
    public static Column Key(string name) => Key(name, name);

    /// <summary>A column that has another name than the key of the item.</summary>
    public static Column Key(string name, string key) => new(name, item => item[key], key);

    /// <summary>A column of a nested object.</summary>
    public static Column Nested(string name, string key, string inner) => new(name, item => (item[key] as JsonObject)?[inner], key);

    /// <summary>A count that is zero until there was one.</summary>
    public static Column Count(string name, string key) => new(name, item => item[key] ?? JsonValue.Create(0), key);

    /// <summary>A column that is made up of an item's key; see <see cref="ProcessName"/>.</summary>
    public static Column Made(string name, string source, Func<JsonObject, JsonNode?> read) => new(name, read, source);
}
