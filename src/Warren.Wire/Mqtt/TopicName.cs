using System.Buffers;
using System.Text.Unicode;

namespace Warren.Wire.Mqtt;

/// <summary>The rules for what messages are published to (MQTT 5.0, 4.7).</summary>
public static class TopicName
{
    private static readonly SearchValues<byte> Forbidden = SearchValues.Create("\0+#"u8);

    /// <summary>Checks a name.</summary>
    /// <param name="name">The bytes, without length prefix.</param>
    /// <param name="maxLevels">Levels allowed; a level is what slashes separate.</param>
    public static TopicFault Check(ReadOnlySpan<byte> name, int maxLevels = int.MaxValue)
    {
        if (name.IsEmpty)
        {
            return TopicFault.Empty;
        }

        if (name.Length > Utf8Text.MaxLength)
        {
            return TopicFault.TooLong;
        }

        int forbidden = name.IndexOfAny(Forbidden);
        if (forbidden >= 0 || !Utf8.IsValid(name))
        {
            return forbidden >= 0 && Utf8Text.IsWellFormed(name) ? TopicFault.Wildcard : TopicFault.NotUtf8;
        }

        return maxLevels != int.MaxValue && CountLevels(name) > maxLevels ? TopicFault.TooManyLevels : TopicFault.None;
    }

    /// <summary>Levels of a name or filter: one more than it has slashes.</summary>
    public static int CountLevels(ReadOnlySpan<byte> topic) => topic.Count((byte)'/') + 1;
}
