using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Management.Views;

/// <summary>Takes the passwords out of the addresses in a parameter that is shown: <c>amqp://user:********@host</c>.</summary>
/// <remarks>
/// An upstream's address holds the password of another broker. Whoever may see parameters need not know it; the export of
/// definitions, for administrators, has it, because it is there to be imported again.
/// </remarks>
internal static class PasswordMask
{
    private const string Mask = "********";
    private const string SchemeEnd = "://";

    /// <summary>The same object; every text in it is looked at.</summary>
    public static JsonObject Apply(JsonObject shown)
    {
        foreach ((string key, JsonNode? value) in shown.ToArray())
        {
            if (Masked(value) is { } other)
            {
                shown[key] = other;
            }
        }

        return shown;
    }

    // What takes the place of a value; null: it stays.
    private static JsonValue? Masked(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject inner:
                Apply(inner);
                return null;
            case JsonArray items:
                for (int i = 0; i < items.Count; i++)
                {
                    if (Masked(items[i]) is { } other)
                    {
                        items[i] = other;
                    }
                }

                return null;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                string was = text.GetValue<string>();
                string now = InText(was);
                return ReferenceEquals(was, now) ? null : JsonValue.Create(now);
            default:
                return null;
        }
    }

    // Several addresses may stand in one text.
    private static string InText(string text)
    {
        int from = 0;
        while (text.IndexOf(SchemeEnd, from, StringComparison.Ordinal) is var found and >= 0)
        {
            from = found + SchemeEnd.Length;
            int length = text.AsSpan(from).IndexOfAny(" /?#\t");
            int end = length < 0 ? text.Length : from + length;
            int at = text.LastIndexOf('@', end - 1, end - from);
            int colon = at < 0 ? -1 : text.IndexOf(':', from, at - from);
            if (colon >= 0)
            {
                text = string.Concat(text.AsSpan(0, colon + 1), Mask, text.AsSpan(at));
                from = colon + 1 + Mask.Length;
            }
        }

        return text;
    }
}
