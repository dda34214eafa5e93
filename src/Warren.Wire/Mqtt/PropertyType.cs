namespace Warren.Wire.Mqtt;

/// <summary>How the value of a property is written (MQTT 5.0, 2.2.2.2).</summary>
public enum PropertyType : byte
{
    /// <summary>There is no such property.</summary>
    Unknown,

    /// <summary>One byte.</summary>
    Byte,

    /// <summary>Two bytes, highest first.</summary>
    TwoByteInteger,

    /// <summary>Four bytes, highest first.</summary>
    FourByteInteger,

    /// <summary>One to four bytes, see <see cref="VariableByteInteger"/>.</summary>
    VariableByteInteger,

    /// <summary>Two bytes of length, then UTF-8.</summary>
    Text,

    /// <summary>Two bytes of length, then anything.</summary>
    Binary,

    /// <summary>Two texts: name and value.</summary>
    TextPair,
}
