namespace Warren.Wire.Tests;

/// <summary>Bytes in the open: hex digits, spaced as the layout is.</summary>
internal static class Hex
{
    internal static byte[] Bytes(string digits) =>
        Convert.FromHexString(digits.Replace(" ", string.Empty, StringComparison.Ordinal));
}
