using System.Globalization;
using System.Text.Json;

namespace Warren.Management.Messages;

/// <summary>Paths into JSON such as <c>$.order.lines[0].id</c>; the leading <c>$.</c> may be left out.</summary>
internal static class JsonPath
{
    /// <summary>Finds what a path leads to.</summary>
    public static bool TryFind(JsonElement root, ReadOnlySpan<char> path, out JsonElement found)
    {
        found = root;
        ReadOnlySpan<char> rest = path.StartsWith('$') ? path[1..] : path;
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
            }
            else if (rest[0] == '[')
            {
                int end = rest.IndexOf(']');
                if (end < 0 || !TryStep(found, rest[1..end].Trim("'\""), out found))
                {
                    return false;
                }

                rest = rest[(end + 1)..];
            }
            else
            {
                int end = rest.IndexOfAny('.', '[');
                ReadOnlySpan<char> name = end < 0 ? rest : rest[..end];
                if (!TryStep(found, name, out found))
                {
                    return false;
                }

                rest = rest[name.Length..];
            }
        }

        return true;
    }

    private static bool TryStep(JsonElement from, ReadOnlySpan<char> step, out JsonElement found)
    {
        found = default;
        if (from.ValueKind == JsonValueKind.Array
            && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < from.GetArrayLength())
        {
            found = from[index];
            return true;
        }

        return from.ValueKind == JsonValueKind.Object && from.TryGetProperty(step, out found);
    }
}
