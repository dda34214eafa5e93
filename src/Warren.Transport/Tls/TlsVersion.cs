using Warren.Buffers.Options;

namespace Warren.Transport.Tls;

/// <summary>A version of TLS a listener may speak. Older ones are broken and not spoken.</summary>
public enum TlsVersion
{
    /// <summary>RFC 5246.</summary>
    [ConfigValue("tlsv1.2")]
    Tls12,

    /// <summary>RFC 8446.</summary>
    [ConfigValue("tlsv1.3")]
    Tls13,
}
