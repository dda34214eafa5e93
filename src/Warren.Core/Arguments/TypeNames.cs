using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>Field types and values as RabbitMQ's error texts name them.</summary>
internal static class TypeNames
{
    public static string Of(FieldType type) => type switch
    {
        FieldType.Boolean => "bool",
        FieldType.Int8 => "byte",
        FieldType.UInt8 => "unsignedbyte",
        FieldType.Int16 => "short",
        FieldType.UInt16 => "unsignedshort",
        FieldType.Int32 => "signedint",
        FieldType.UInt32 => "unsignedint",
        FieldType.Int64 => "long",
        FieldType.Float => "float",
        FieldType.Double => "double",
        FieldType.Decimal => "decimal",
        FieldType.LongString => "longstr",
        FieldType.Array => "array",
        FieldType.Timestamp => "timestamp",
        FieldType.Table => "table",
        FieldType.Bytes => "binary",
        _ => "void",
    };

    public static string Show(in FieldValue value) => value.Type switch
    {
        FieldType.LongString or FieldType.Bytes => value.AsText(),
        FieldType.Boolean => value.AsBoolean() ? "true" : "false",
        FieldType.Float or FieldType.Double => value.AsDouble().ToString("R"),
        _ => value.AsInteger().ToString(),
    };
}
