using Warren.Core;
using Warren.Core.Security;

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
    public static IAuthenticationExchange? Begin(string method, Broker broker, MqttOptions options) => method switch
    {
        "SCRAM-SHA-256" => new ScramAuthentication(broker, options, ScramHash.Sha256),
        "SCRAM-SHA-512" => new ScramAuthentication(broker, options, ScramHash.Sha512),
        _ => null,
    };

    private sealed class ScramAuthentication(Broker broker, MqttOptions options, ScramHash hash) : IAuthenticationExchange
    {
        private readonly ScramExchange _exchange = new(broker.Users, hash, new Login(broker, options).UserOf);

        public string UserName => _exchange.UserName;

        public AuthenticationStep Next(ReadOnlySpan<byte> data)
        {
            ScramStep step = _exchange.Next(data);
            AuthenticationOutcome outcome = !step.IsOver ? AuthenticationOutcome.Continue
                : step.IsProven ? AuthenticationOutcome.Accepted : AuthenticationOutcome.Refused;
            return new AuthenticationStep(outcome, step.Answer);
        }
    }
}
