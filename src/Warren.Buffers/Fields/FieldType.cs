namespace Warren.Buffers.Fields;

/// <summary>
/// The type octet of a field value, as RabbitMQ and the AMQP 0-9-1 errata define it (not as 4.2.5.5 prints it).
/// </summary>
public enum FieldType : byte
{
    /// <summary>No value.</summary>
    Void = (byte)'V',

    /// <summary>Boolean, one octet.</summary>
    Boolean = (byte)'t',

    /// <summary>Signed 8 bit.</summary>
    Int8 = (byte)'b',

    /// <summary>Unsigned 8 bit.</summary>
    UInt8 = (byte)'B',

    /// <summary>Signed 16 bit.</summary>
    Int16 = (byte)'s',

    /// <summary>Unsigned 16 bit.</summary>
    UInt16 = (byte)'u',

    /// <summary>Signed 32 bit.</summary>
    Int32 = (byte)'I',

    /// <summary>Unsigned 32 bit.</summary>
    UInt32 = (byte)'i',

    /// <summary>Signed 64 bit.</summary>
    Int64 = (byte)'l',

    /// <summary>IEEE 754 single.</summary>
    Float = (byte)'f',

    /// <summary>IEEE 754 double.</summary>
    Double = (byte)'d',

    /// <summary>Scale octet and signed 32 bit.</summary>
    Decimal = (byte)'D',

    /// <summary>Long string: any bytes, mostly UTF-8.</summary>
    LongString = (byte)'S',

    /// <summary>Array of field values.</summary>
    Array = (byte)'A',

    /// <summary>Unix time in seconds, unsigned 64 bit.</summary>
    Timestamp = (byte)'T',

    /// <summary>Nested table.</summary>
    Table = (byte)'F',

    /// <summary>Byte array.</summary>
    Bytes = (byte)'x',
}
