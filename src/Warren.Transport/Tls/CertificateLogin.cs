using Warren.Buffers.Options;

namespace Warren.Transport.Tls;

/// <summary>Which part of a client's certificate names the user (SASL EXTERNAL).</summary>
public enum CertificateLogin
{
    /// <summary>The whole subject as RFC 4514 writes it: <c>CN=client,O=Acme</c>.</summary>
    [ConfigValue("distinguished_name")]
    DistinguishedName,

    /// <summary>The common name of the subject; several are joined with commas.</summary>
    [ConfigValue("common_name")]
    CommonName,

    /// <summary>One of the alternative names of the subject.</summary>
    [ConfigValue("subject_alternative_name", "subject_alt_name")]
    SubjectAlternativeName,
}

/// <summary>A kind of alternative name (RFC 5280, 4.2.1.6).</summary>
public enum AlternativeName
{
    /// <summary>A host name.</summary>
    [ConfigValue("dns")]
    Dns,

    /// <summary>An address of version 4 or 6, as text.</summary>
    [ConfigValue("ip")]
    IP,

    /// <summary>A mail address.</summary>
    [ConfigValue("email")]
    Email,

    /// <summary>A URI.</summary>
    [ConfigValue("uri")]
    Uri,

    /// <summary>A name of another kind whose value is a text, such as a user principal name.</summary>
    [ConfigValue("other_name")]
    Other,
}
