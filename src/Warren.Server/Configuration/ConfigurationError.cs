using System.Diagnostics.CodeAnalysis;

namespace Warren.Server.Configuration;

/// <summary>The configuration cannot be used. The message is one line that names key, value and place.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is an error of the operator, like those of a client.")]
public sealed class ConfigurationError : Exception
{
    /// <param name="message">One line for the operator.</param>
    public ConfigurationError(string message)
        : base(message)
    {
    }

    /// <param name="message">One line for the operator.</param>
    /// <param name="inner">What the system said.</param>
    public ConfigurationError(string message, Exception inner)
        : base(message, inner)
    {
    }
}
