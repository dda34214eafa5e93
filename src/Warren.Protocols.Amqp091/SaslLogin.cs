using System.Net;
using System.Text;
using Warren.Core.Security;
using Warren.Transport.Tls;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Which ways to log in a connection is offered, and what came of one (AMQP 0-9-1, 1.4.2.2).</summary>
internal static class SaslLogin
{
    private const string NotUnderstood = "the mechanism was not offered, or its response makes no sense";

    /// <summary>The mechanisms, separated by blanks, in the order of the settings.</summary>
    public static byte[] Offer(Amqp091Options options, TlsSession? tls) => Encoding.ASCII.GetBytes(string.Join(
        ' ', options.AuthMechanisms.Distinct().Where(m => IsOffered(m, options, tls)).Select(NameOf)));

    /// <summary>What the client of <paramref name="connection"/> may do after <paramref name="response"/>.</summary>
    public static SaslOutcome Attempt(Amqp091Connection connection, string mechanism, ReadOnlySpan<byte> response)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> password = default;
        Authenticator authenticator = connection.Broker.Authenticator;
        IPAddress remote = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback;
        Amqp091Options options = connection.Options;
        switch (mechanism)
        {
            case "PLAIN" when IsOffered(SaslMechanism.Plain, options, connection.Tls)
                && SaslPlain.TryRead(response, out name, out password):
            case "AMQPLAIN" when IsOffered(SaslMechanism.AmqPlain, options, connection.Tls)
                && SaslAmqPlain.TryRead(response, out name, out password):
                string user = Encoding.UTF8.GetString(name);
                return Outcome(user, authenticator.Authenticate(user, Encoding.UTF8.GetString(password), remote, Amqp091Protocol.Label));
            case "EXTERNAL" when IsOffered(SaslMechanism.External, options, connection.Tls):
                // The response may name a user; RabbitMQ does not look at it either.
                return connection.Tls?.LoginName is { } named
                    ? Outcome(named, authenticator.Admit(named, remote, Amqp091Protocol.Label))
                    : new SaslOutcome(null, "", "the client's certificate names nobody", IsUnderstood: true);
            default:
                return new SaslOutcome(null, "", NotUnderstood, IsUnderstood: false);
        }
    }

    // Only a verified certificate proves who somebody is; the listener keeps no other.
    private static bool IsOffered(SaslMechanism mechanism, Amqp091Options options, TlsSession? tls) =>
        options.AuthMechanisms.Contains(mechanism)
        && (mechanism != SaslMechanism.External || tls?.PeerCertificate is not null);

    private static string NameOf(SaslMechanism mechanism) => mechanism switch
    {
        SaslMechanism.Plain => "PLAIN",
        SaslMechanism.AmqPlain => "AMQPLAIN",
        _ => "EXTERNAL",
    };

    private static SaslOutcome Outcome(string name, AuthenticationResult result) => new(
        result.User,
        name,
        result.Refusal switch
        {
            LoginRefusal.None => "",
            LoginRefusal.TooManyFailures => "too many failed logins from this address",
            LoginRefusal.NotFromLoopback => "the user may log in from this machine only",
            _ => "unknown user or wrong credentials",
        },
        IsUnderstood: true);
}

/// <summary>How a login ended.</summary>
/// <param name="User">Who the client is; null when refused.</param>
/// <param name="Name">The user the client wanted to be.</param>
/// <param name="Refusal">Why not, for the log only.</param>
/// <param name="IsUnderstood">False when the refusal is not told to the client at all.</param>
internal readonly record struct SaslOutcome(User? User, string Name, string Refusal, bool IsUnderstood);
