namespace Warren.Wire.Mqtt;

/// <summary>What is wrong with a topic name or filter (MQTT 5.0, 4.7).</summary>
public enum TopicFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>No character at all ([MQTT-4.7.3-1]).</summary>
    Empty,

    /// <summary>More than 65535 bytes ([MQTT-4.7.3-3]).</summary>
    TooLong,

    /// <summary>Not UTF-8, or U+0000 in it ([MQTT-1.5.4-1], [MQTT-4.7.3-2]).</summary>
    NotUtf8,

    /// <summary>A name with a wildcard ([MQTT-4.7.0-1]), or a filter with one that is not a level of its own, or with
    /// something after # ([MQTT-4.7.1-1], [MQTT-4.7.1-2]).</summary>
    Wildcard,

    /// <summary>More levels than allowed.</summary>
    TooManyLevels,

    /// <summary>$share without a group, or nothing behind it ([MQTT-4.8.2-1], [MQTT-4.8.2-2]).</summary>
    Share,
}
