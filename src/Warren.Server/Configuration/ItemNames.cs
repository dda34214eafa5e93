using System.Globalization;

namespace Warren.Server.Configuration;

/// <summary>The last words of keys that make a list.</summary>
internal static class ItemNames
{
    /// <summary>Numbers by their value, before words: <c>ciphers.2</c> comes before <c>ciphers.10</c>.</summary>
    public static Comparer<string> Order { get; } = Comparer<string>.Create(Compare);

    private static int Compare(string? left, string? right)
    {
        bool leftIsNumber = uint.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out uint leftNumber);
        bool rightIsNumber = uint.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out uint rightNumber);
        int order = leftIsNumber && rightIsNumber ? leftNumber.CompareTo(rightNumber) : rightIsNumber.CompareTo(leftIsNumber);
        return order == 0 ? string.CompareOrdinal(left, right) : order;
    }
}
