namespace Warren.Wire.Mqtt;

/// <summary>The rules for what clients subscribe to (MQTT 5.0, 4.7 and 4.8.2).</summary>
public static class TopicFilter
{
    private const byte Separator = (byte)'/';
    private const byte SingleLevel = (byte)'+';
    private const byte MultiLevel = (byte)'#';

    private static ReadOnlySpan<byte> SharePrefix => "$share/"u8;

    /// <summary>Checks a filter; $share has no meaning here.</summary>
    /// <param name="filter">The bytes, without length prefix.</param>
    /// <param name="maxLevels">Levels allowed; a level is what slashes separate.</param>
    public static TopicFault Check(ReadOnlySpan<byte> filter, int maxLevels = int.MaxValue)
    {
        if (filter.IsEmpty)
        {
            return TopicFault.Empty;
        }

        if (filter.Length > Utf8Text.MaxLength)
        {
            return TopicFault.TooLong;
        }

        if (!Utf8Text.IsWellFormed(filter))
        {
            return TopicFault.NotUtf8;
        }

        if (!AreWildcardsInPlace(filter))
        {
            return TopicFault.Wildcard;
        }

        return maxLevels != int.MaxValue && TopicName.CountLevels(filter) > maxLevels
            ? TopicFault.TooManyLevels
            : TopicFault.None;
    }

    /// <summary>Checks the filter of an MQTT 5.0 client: <c>$share/group/filter</c> is a shared subscription.</summary>
    public static TopicFault CheckShared(ReadOnlySpan<byte> filter, int maxLevels = int.MaxValue)
    {
        if (!IsShared(filter))
        {
            return Check(filter, maxLevels);
        }

        if (!TrySplitShared(filter, out _, out ReadOnlySpan<byte> inner))
        {
            return TopicFault.Share;
        }

        // All of it first: the group has to be text as well.
        TopicFault fault = Check(filter);
        return fault == TopicFault.None ? Check(inner, maxLevels) : fault;
    }

    /// <summary>Whether a filter asks for a shared subscription: begins with <c>$share/</c>.</summary>
    public static bool IsShared(ReadOnlySpan<byte> filter) => filter.StartsWith(SharePrefix);

    /// <summary>Splits <c>$share/group/filter</c>.</summary>
    /// <param name="group">The group, without wildcards and not empty ([MQTT-4.8.2-1], [MQTT-4.8.2-2]).</param>
    /// <param name="inner">The filter behind it, not empty and not checked further.</param>
    /// <returns>False for a filter that is not shared, or wrongly.</returns>
    public static bool TrySplitShared(
        ReadOnlySpan<byte> filter, out ReadOnlySpan<byte> group, out ReadOnlySpan<byte> inner)
    {
        group = default;
        inner = default;
        if (!IsShared(filter))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = filter[SharePrefix.Length..];
        int end = rest.IndexOf(Separator);
        if (end <= 0 || end == rest.Length - 1 || rest[..end].ContainsAny(SingleLevel, MultiLevel))
        {
            return false;
        }

        group = rest[..end];
        inner = rest[(end + 1)..];
        return true;
    }

    /// <summary>Whether a filter matches more than one name.</summary>
    public static bool HasWildcards(ReadOnlySpan<byte> filter) => filter.ContainsAny(SingleLevel, MultiLevel);

    private static bool AreWildcardsInPlace(ReadOnlySpan<byte> filter)
    {
        int at = 0;
        while (true)
        {
            int next = filter[at..].IndexOfAny(SingleLevel, MultiLevel);
            if (next < 0)
            {
                return true;
            }

            at += next;
            bool begins = at == 0 || filter[at - 1] == Separator;
            bool last = at == filter.Length - 1;
            if (!begins || !(last || (filter[at] == SingleLevel && filter[at + 1] == Separator)))
            {
                return false;
            }

            at++;
        }
    }
}
