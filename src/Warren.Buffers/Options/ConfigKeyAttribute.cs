namespace Warren.Buffers.Options;

/// <summary>Names the configuration key of an option, on the one property that declares it.</summary>
/// <remarks>
/// Keys are those of rabbitmq.conf where RabbitMQ has the option, and begin with <c>warren.</c> where it has not. A
/// collection of names or addresses takes the key with one more word: <c>loopback_users.guest</c>.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigKeyAttribute : Attribute
{
    /// <param name="key">Dotted words in lower case.</param>
    /// <param name="aliases">Older or shorter names of the same option.</param>
    public ConfigKeyAttribute(string key, params string[] aliases)
    {
        Key = key;
        Aliases = aliases;
    }

    /// <summary>Dotted words in lower case.</summary>
    public string Key { get; }

    /// <summary>Older or shorter names of the same option.</summary>
    public string[] Aliases { get; }

    /// <summary>What a bare number counts.</summary>
    public ConfigUnit Unit { get; init; }

    /// <summary>The smallest number accepted, in <see cref="Unit"/>.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number accepted, in <see cref="Unit"/>.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>Whether the value is a secret: never shown, never logged.</summary>
    public bool Secret { get; init; }

    /// <summary>Whether a running server takes a change of it without a restart.</summary>
    public bool Reloads { get; init; }
}
