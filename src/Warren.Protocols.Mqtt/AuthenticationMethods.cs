using Warren.Core;

namespace Warren.Protocols.Mqtt;

/// <summary>What came of one step of an extended authentication.</summary>
internal enum AuthenticationOutcome
{
    /// <summary>The client is asked for more.</summary>
    Continue,

    /// <summary>The client has proven its name.</summary>
    Accepted,

    /// <summary>It has not.</summary>
    Refused,
}

/// <summary>A step of an extended authentication.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Data">What the client is told.</param>
internal readonly record struct AuthenticationStep(AuthenticationOutcome Outcome, byte[] Data);

/// <summary>An extended authentication under way (MQTT 5.0, 4.12). Not thread-safe.</summary>
internal interface IAuthenticationExchange
{
    /// <summary>The name the client proves.</summary>
    string UserName { get; }

    /// <summary>Takes what the client says.</summary>
    AuthenticationStep Next(ReadOnlySpan<byte> data);
}

/// <summary>The methods of extended authentication there are.</summary>
internal static class AuthenticationMethods
{
    /// <summary>Begins an exchange; null: there is no such method.</summary>
    public static IAuthenticationExchange? Begin(string method, Broker broker) => null;
}
