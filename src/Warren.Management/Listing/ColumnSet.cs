using System.Text.Json.Nodes;

namespace Warren.Management.Listing;

/// <summary>The query parameter <c>columns</c>: dotted paths of the members that are wanted.</summary>
/// <remarks>Immutable.</remarks>
public sealed class ColumnSet
{
    private readonly string[][] _paths;

    /// <param name="columns">Paths separated by commas.</param>
    public ColumnSet(string columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _paths = [.. columns.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static c => c.Trim().Split('.'))];
    }

    /// <summary>Whether a member, or something below it, is wanted.</summary>
    public bool Wants(string member) => Array.Exists(_paths, p => p[0] == member);

    /// <summary>An object with the wanted members only; the unknown are left out. Takes them away from <paramref name="whole"/>.</summary>
    public JsonObject Project(JsonObject whole)
    {
        ArgumentNullException.ThrowIfNull(whole);
        var projected = new JsonObject();
        foreach (string[] path in _paths)
        {
            Move(whole, projected, path);
        }

        return projected;
    }

    private static void Move(JsonObject from, JsonObject to, ReadOnlySpan<string> path)
    {
        string member = path[0];
        if (!from.TryGetPropertyValue(member, out JsonNode? value))
        {
            return;
        }

        if (path.Length == 1)
        {
            from.Remove(member);
            to[member] = value;
        }
        else if (value is JsonObject inner)
        {
            if (to[member] is not JsonObject target)
            {
                target = [];
                to[member] = target;
            }

            Move(inner, target, path[1..]);
        }
    }
}
