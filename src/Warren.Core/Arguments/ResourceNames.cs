namespace Warren.Core.Arguments;

/// <summary>Names clients may give.</summary>
internal static class ResourceNames
{
    private const string ReservedPrefix = "amq.";

    /// <exception cref="BrokerError">403: reserved.</exception>
    public static void CheckQueue(string name) => Check("queue", name);

    /// <exception cref="BrokerError">403: reserved.</exception>
    public static void CheckExchange(string name) => Check("exchange", name);

    private static void Check(string what, string name)
    {
        if (name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            throw new BrokerError(
                BrokerErrorKind.AccessRefused, $"{what} name '{name}' contains reserved prefix 'amq.*'");
        }
    }
}
