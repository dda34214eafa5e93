using Warren.Buffers.Fields;

namespace Warren.Core.Arguments;

/// <summary>Checks one argument value and says what is wrong with it, as RabbitMQ prints it; null when nothing is.</summary>
internal static class ArgumentReason
{
    /// <summary>Ten years in milliseconds, the longest time to live and the longest expiry.</summary>
    public const long LongestMs = 315_360_000_000;

    private const int HighestPriority = 255;

    public static string? Integer(FieldValue value) =>
        value.IsInteger ? null : Quoted($"expected integer, got {ErlangText.TypeName(value.Type)}");

    public static string? NotNegative(FieldValue value)
    {
        if (Integer(value) is { } reason)
        {
            return reason;
        }

        return value.AsInteger() < 0 ? $"{{value_negative,{value.AsInteger()}}}" : null;
    }

    public static string? Positive(FieldValue value)
    {
        if (NotNegative(value) is { } reason)
        {
            return reason;
        }

        return value.AsInteger() == 0 ? "{value_zero,0}" : null;
    }

    public static string? TimeToLive(FieldValue value)
    {
        if (NotNegative(value) is { } reason)
        {
            return reason;
        }

        return value.AsInteger() > LongestMs ? $"{{value_too_large,{value.AsInteger()}}}" : null;
    }

    public static string? Expiry(FieldValue value)
    {
        if (Positive(value) is { } reason)
        {
            return reason;
        }

        return TimeToLive(value);
    }

    public static string? Priority(FieldValue value)
    {
        if (NotNegative(value) is { } reason)
        {
            return reason;
        }

        return value.AsInteger() > HighestPriority ? $"{{max_value_exceeded,{value.AsInteger()}}}" : null;
    }

    public static string? QueueVersion(FieldValue value)
    {
        if (NotNegative(value) is { } reason)
        {
            return reason;
        }

        return value.AsInteger() is 1 or 2 ? null : Quoted($"unsupported queue version '{value.AsInteger()}'");
    }

    public static string? Boolean(FieldValue value) => OfType(value, FieldType.Boolean);

    public static string? Text(FieldValue value) => OfType(value, FieldType.LongString);

    public static string? QueueType(FieldValue value) =>
        Text(value) ?? (QueueArguments.TryParseKind(value.AsText(), out _)
            ? null
            : Quoted($"unsupported queue type '{value.AsText()}'"));

    public static string? QueueMode(FieldValue value) =>
        Text(value) ?? (value.AsText() is "default" or "lazy"
            ? null
            : Quoted($"unsupported queue mode '{value.AsText()}'"));

    public static string? MaxAge(FieldValue value) =>
        Text(value) ?? (AgeText.TryParse(value.AsText(), out _) ? null : "invalid_max_age");

    public static string? NotEmpty(FieldValue value) =>
        Text(value) ?? (value.AsBytes().IsEmpty ? "invalid_member_placement_tag_arg" : null);

    public static Func<FieldValue, string?> OneOf(string reason, params string[] values) =>
        value => Text(value) ?? (values.Contains(value.AsText(), StringComparer.Ordinal) ? null : reason);

    private static string? OfType(FieldValue value, FieldType type) =>
        value.Type == type ? null : $"{{unacceptable_type,{ErlangText.TypeName(value.Type)}}}";

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
