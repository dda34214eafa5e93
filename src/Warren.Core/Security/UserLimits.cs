namespace Warren.Core.Security;

/// <summary>What a user may have open at once; null: as much as it likes.</summary>
/// <param name="MaxConnections">Client connections; 0 lets it in nowhere.</param>
/// <param name="MaxChannels">Channels of all its connections together.</param>
public sealed record UserLimits(long? MaxConnections, long? MaxChannels)
{
    private static readonly string[] Names = ["max-connections", "max-channels"];

    /// <summary>No limits.</summary>
    public static UserLimits None { get; } = new(null, null);

    /// <summary>The limits that are set, under RabbitMQ's names.</summary>
    public IReadOnlyDictionary<string, long> Values
    {
        get
        {
            var values = new Dictionary<string, long>(StringComparer.Ordinal);
            if (MaxConnections is { } connections)
            {
                values[Names[0]] = connections;
            }

            if (MaxChannels is { } channels)
            {
                values[Names[1]] = channels;
            }

            return values;
        }
    }

    /// <summary>Whether a limit of that name exists.</summary>
    public static bool IsName(string name) => Names.Contains(name, StringComparer.Ordinal);

    /// <summary>Reads limits by their names; below zero means no limit.</summary>
    public static UserLimits From(IReadOnlyDictionary<string, long> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new UserLimits(Of(Names[0]), Of(Names[1]));

        long? Of(string name) => values.TryGetValue(name, out long limit) && limit >= 0 ? limit : null;
    }

    /// <summary>The same with one limit set or, when null or below zero, lifted.</summary>
    public UserLimits With(string name, long? limit)
    {
        long? value = limit >= 0 ? limit : null;
        return name == Names[0] ? this with { MaxConnections = value } : this with { MaxChannels = value };
    }
}
