using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>Compares header values as RabbitMQ does: by value, whatever width or string type they came in.</summary>
internal static class HeaderValues
{
    public static bool AreEqual(in FieldValue left, in FieldValue right)
    {
        if (IsNumber(left) && IsNumber(right))
        {
            return IsFraction(left) || IsFraction(right)
                ? Number(left).Equals(Number(right))
                : left.AsInteger() == right.AsInteger();
        }

        if (IsText(left) && IsText(right))
        {
            return left.AsBytes().SequenceEqual(right.AsBytes());
        }

        return left == right;
    }

    private static bool IsText(in FieldValue value) => value.Type is FieldType.LongString or FieldType.Bytes;

    private static bool IsFraction(in FieldValue value) => value.Type is FieldType.Float or FieldType.Double;

    private static bool IsNumber(in FieldValue value) =>
        value.IsInteger || IsFraction(value) || value.Type == FieldType.Timestamp;

    private static double Number(in FieldValue value) => IsFraction(value) ? value.AsDouble() : value.AsInteger();
}
