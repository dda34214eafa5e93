using System.Net;
using Warren.Core;
using Warren.Core.Security;
using Warren.Transport;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>Who a client is and which virtual host it enters; or why not.</summary>
/// <param name="User">The user; null when refused.</param>
/// <param name="VirtualHost">The virtual host; null when refused.</param>
/// <param name="Name">The name given, for the log.</param>
/// <param name="Refusal">What the client is told.</param>
/// <param name="Why">What the log is told.</param>
internal sealed record LoginOutcome(
    User? User, VirtualHost? VirtualHost, string Name, ReasonCode Refusal, string Why);

/// <summary>Finds user and virtual host of a CONNECT in RabbitMQ's order.</summary>
/// <remarks>Thread-safe. Takes the time of a password hash: not for the read loop.</remarks>
internal sealed class Login(Broker broker, MqttOptions options)
{
    private const string PortMapping = "mqtt_port_to_vhost_mapping";
    private const string CertificateMapping = "mqtt_default_vhosts";

    /// <summary>Checks name and password, or the certificate.</summary>
    public LoginOutcome Attempt(ConnectRequest request, Connection connection)
    {
        IPAddress remote = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback;
        if (request.UserName is null && request.Password is null)
        {
            if (options.CertificateLogin && connection.Tls?.LoginName is { } subject)
            {
                return Enter(broker.Authenticator.Admit(subject, remote, "mqtt"), subject, HostOfCertificate(subject) ?? HostOfPort(connection));
            }

            return options.AllowAnonymous
                ? Anonymous(remote, HostOfPort(connection))
                : Refuse("", ReasonCode.BadUserNameOrPassword, "anonymous access is off");
        }

        if (request.UserName is not { Length: > 0 } given || request.Password is null)
        {
            return Refuse(request.UserName ?? "", ReasonCode.BadUserNameOrPassword, "only one of user name and password was given");
        }

        (string? named, string name) = Split(given);
        AuthenticationResult result = broker.Authenticator.Authenticate(name, request.Password, remote, "mqtt");
        return Enter(result, name, named ?? HostOfPort(connection));
    }

    /// <summary>Lets a user in who has proven its name otherwise.</summary>
    public LoginOutcome Admit(string given, Connection connection)
    {
        IPAddress remote = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback;
        (string? named, string name) = Split(given);
        return Enter(broker.Authenticator.Admit(name, remote, "mqtt"), name, named ?? HostOfPort(connection));
    }

    /// <summary>The user name without the virtual host.</summary>
    public string UserOf(string given) => Split(given).Name;

    private static LoginOutcome Refuse(string name, ReasonCode code, string why) => new(null, null, name, code, why);

    private LoginOutcome Anonymous(IPAddress remote, string virtualHost)
    {
        string name = options.AnonymousUser;
        AuthenticationResult result = options.AnonymousPassword is { } password
            ? broker.Authenticator.Authenticate(name, password, remote, "mqtt")
            : broker.Authenticator.Admit(name, options.AnonymousFromAnywhere ? IPAddress.Loopback : remote, "mqtt");
        return Enter(result, name, virtualHost);
    }

    private LoginOutcome Enter(AuthenticationResult result, string name, string virtualHost)
    {
        if (result.User is not { } user)
        {
            ReasonCode code = result.Refusal switch
            {
                LoginRefusal.TooManyFailures => ReasonCode.ConnectionRateExceeded,
                LoginRefusal.NotFromLoopback => ReasonCode.NotAuthorized,
                _ => ReasonCode.BadUserNameOrPassword,
            };
            return Refuse(name, code, result.Refusal.ToString());
        }

        if (broker.FindVirtualHost(virtualHost) is not { } found)
        {
            return Refuse(name, ReasonCode.BadUserNameOrPassword, $"vhost '{virtualHost}' not found");
        }

        return broker.Authorizer.MayAccess(user, virtualHost)
            ? new LoginOutcome(user, found, name, ReasonCode.Success, "")
            : Refuse(name, ReasonCode.NotAuthorized, $"access to vhost '{virtualHost}' refused");
    }

    // "vhost:user", parted at the last colon.
    private (string? VirtualHost, string Name) Split(string given)
    {
        int colon = options.IgnoreColonsInUserName ? -1 : given.LastIndexOf(':');
        return colon < 0 ? (null, given) : (given[..colon], given[(colon + 1)..]);
    }

    private string HostOfPort(Connection connection)
    {
        string? port = (connection.LocalEndPoint as IPEndPoint)?.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return port is null ? options.VirtualHost : Mapped(PortMapping, port) ?? options.VirtualHost;
    }

    private string? HostOfCertificate(string subject) => Mapped(CertificateMapping, subject);

    private string? Mapped(string parameter, string key) =>
        broker.Parameters.FindGlobal(parameter)?.Value is { ValueKind: System.Text.Json.JsonValueKind.Object } map
            && map.TryGetProperty(key, out System.Text.Json.JsonElement value)
            && value.ValueKind == System.Text.Json.JsonValueKind.String
                ? value.GetString()
                : null;
}
