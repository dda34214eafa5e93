using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>When a header equals the value of a binding.</summary>
/// <remarks>
/// As RabbitMQ 4 does it: kinds of values are told apart, widths are not. Client libraries choose the width of an
/// integer by its magnitude or by the variable it came from, so that a binding made in one language would else not
/// match a message from another. An integer never equals a float, a text never a number.
/// </remarks>
internal static class HeaderEquality
{
    public static bool AreEqual(FieldValue bound, FieldValue sent)
    {
        if (bound.IsInteger)
        {
            return sent.IsInteger && bound.AsInteger() == sent.AsInteger();
        }

        return bound.Type switch
        {
            FieldType.Float or FieldType.Double =>
                sent.Type is FieldType.Float or FieldType.Double && bound.AsDouble().Equals(sent.AsDouble()),
            FieldType.LongString or FieldType.Bytes =>
                sent.Type is FieldType.LongString or FieldType.Bytes && bound.AsBytes().SequenceEqual(sent.AsBytes()),
            _ => bound == sent,
        };
    }
}
