using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Management.Listing;

/// <summary>What a list is sorted by: numbers before switches before texts, as RabbitMQ orders them; nothing counts as 0.</summary>
public readonly struct SortKey : IComparable<SortKey>, IEquatable<SortKey>
{
    private readonly double _number;
    private readonly string? _text;
    private readonly byte _rank;

    private SortKey(byte rank, double number, string? text)
    {
        _rank = rank;
        _number = number;
        _text = text;
    }

    /// <summary>A number.</summary>
    public static SortKey Of(double number) => new(0, number, null);

    /// <summary>A switch.</summary>
    public static SortKey Of(bool value) => new(1, value ? 1 : 0, null);

    /// <summary>A text; null counts as 0.</summary>
    public static SortKey Of(string? text) => text is null ? default : new SortKey(2, 0, text);

    /// <summary>The member of an object at a dotted path.</summary>
    public static SortKey Of(JsonObject item, ReadOnlySpan<string> path)
    {
        JsonNode? node = item;
        foreach (string member in path)
        {
            node = node is JsonObject inner && inner.TryGetPropertyValue(member, out JsonNode? value) ? value : null;
        }

        return node?.GetValueKind() switch
        {
            JsonValueKind.Number => Of(double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture)),
            JsonValueKind.True => Of(true),
            JsonValueKind.False => Of(false),
            JsonValueKind.String => Of(node.GetValue<string>()),
            JsonValueKind.Array or JsonValueKind.Object => new SortKey(2, 0, node.ToJsonString()),
            _ => default,
        };
    }

    /// <inheritdoc/>
    public int CompareTo(SortKey other)
    {
        int order = _rank.CompareTo(other._rank);
        order = order == 0 ? _number.CompareTo(other._number) : order;
        return order == 0 ? string.CompareOrdinal(_text, other._text) : order;
    }

    /// <inheritdoc/>
    public bool Equals(SortKey other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SortKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_rank, _number, _text);

    /// <summary>Equality.</summary>
    public static bool operator ==(SortKey left, SortKey right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(SortKey left, SortKey right) => !left.Equals(right);

    /// <summary>Order.</summary>
    public static bool operator <(SortKey left, SortKey right) => left.CompareTo(right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(SortKey left, SortKey right) => left.CompareTo(right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(SortKey left, SortKey right) => left.CompareTo(right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(SortKey left, SortKey right) => left.CompareTo(right) >= 0;
}
