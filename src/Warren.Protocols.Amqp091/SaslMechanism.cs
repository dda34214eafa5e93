using Warren.Buffers.Options;

namespace Warren.Protocols.Amqp091;

/// <summary>How clients may log in.</summary>
public enum SaslMechanism
{
    /// <summary>User and password (RFC 4616).</summary>
    [ConfigValue("PLAIN")]
    Plain,

    /// <summary>User and password in a field table, RabbitMQ's own.</summary>
    [ConfigValue("AMQPLAIN")]
    AmqPlain,

    /// <summary>The user a client's TLS certificate names (RFC 4422, appendix A).</summary>
    [ConfigValue("EXTERNAL")]
    External,
}
