namespace Warren.Buffers.Fields;

/// <summary>What is wrong with the bytes of a field table.</summary>
public enum FieldTableFault
{
    /// <summary>Nothing: the bytes are a whole table.</summary>
    None = 0,

    /// <summary>A name or value reaches past the end of the table that holds it.</summary>
    Truncated = 1,

    /// <summary>A type octet that is not a <see cref="FieldType"/>.</summary>
    UnknownType = 2,

    /// <summary>More than <see cref="FieldTableReader.MaxDepth"/> tables and arrays inside each other.</summary>
    TooDeep = 3,
}
