using Warren.Buffers.Options;

namespace Warren.Transport.Tls;

/// <summary>What is done about a client's certificate.</summary>
public enum PeerVerification
{
    /// <summary>Clients are not asked for one.</summary>
    [ConfigValue("verify_none")]
    None,

    /// <summary>Clients are asked for one, and it must lead to an authority we know.</summary>
    [ConfigValue("verify_peer")]
    Peer,
}
