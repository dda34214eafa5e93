using System.Text.Unicode;

namespace Warren.Wire.Mqtt;

/// <summary>The rules for UTF-8 strings (MQTT 5.0, 1.5.4).</summary>
public static class Utf8Text
{
    /// <summary>Bytes of the longest string.</summary>
    public const int MaxLength = ushort.MaxValue;

    /// <summary>Whether the bytes are UTF-8 without surrogates ([MQTT-1.5.4-1]) and U+0000 ([MQTT-1.5.4-2]).</summary>
    /// <remarks>Vectorised. The length is not checked: on the wire it cannot be exceeded.</remarks>
    public static bool IsWellFormed(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);
}
